export type ToolId = 'objdump' | 'addr2line' | 'cc';
