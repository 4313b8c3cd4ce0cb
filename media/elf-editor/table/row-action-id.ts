/** What can be done with the selected rows, or with the one of them that the keys are on. */
export type RowActionId = 'disassemble' | 'source' | 'open' | 'hex' | 'copyName' | 'copyRow' | 'copyJson';
