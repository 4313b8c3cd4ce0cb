/** Numbers of DWARF 5, section 7.5, and those of GNU from before. Only what is read here. */

export const tag = {
  arrayType: 0x01,
  classType: 0x02,
  enumerationType: 0x04,
  compileUnit: 0x11,
  structureType: 0x13,
  subroutineType: 0x15,
  unionType: 0x17,
  variable: 0x34,
  interfaceType: 0x38,
  partialUnit: 0x3c,
  typeUnit: 0x41,
  callSite: 0x48,
  skeletonUnit: 0x4a,
  gnuCallSite: 0x4109,
} as const;

export const attribute = {
  sibling: 0x01,
  location: 0x02,
  name: 0x03,
  statementList: 0x10,
  lowAddress: 0x11,
  highAddress: 0x12,
  compilationFolder: 0x1b,
  abstractOrigin: 0x31,
  declaredInFile: 0x3a,
  specification: 0x47,
  ranges: 0x55,
  stringOffsetsBase: 0x72,
  addressBase: 0x73,
  rangeListsBase: 0x74,
  splitName: 0x76,
  gnuSplitName: 0x2130,
  gnuRangesBase: 0x2132,
  gnuAddressBase: 0x2133,
} as const;

export const form = {
  address: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  stringPointer: 0x0e,
  udata: 0x0f,
  referenceAddress: 0x10,
  reference1: 0x11,
  reference2: 0x12,
  reference4: 0x13,
  reference8: 0x14,
  referenceUdata: 0x15,
  indirect: 0x16,
  sectionOffset: 0x17,
  expression: 0x18,
  flagPresent: 0x19,
  stringIndex: 0x1a,
  addressIndex: 0x1b,
  referenceSupplementary4: 0x1c,
  stringSupplementary: 0x1d,
  data16: 0x1e,
  lineString: 0x1f,
  referenceSignature: 0x20,
  implicitConstant: 0x21,
  locationListIndex: 0x22,
  rangeListIndex: 0x23,
  referenceSupplementary8: 0x24,
  stringIndex1: 0x25,
  stringIndex2: 0x26,
  stringIndex3: 0x27,
  stringIndex4: 0x28,
  addressIndex1: 0x29,
  addressIndex2: 0x2a,
  addressIndex3: 0x2b,
  addressIndex4: 0x2c,
  gnuAddressIndex: 0x1f01,
  gnuStringIndex: 0x1f02,
  gnuReferenceAlternate: 0x1f20,
  gnuStringAlternate: 0x1f21,
} as const;

export const unitType = { compile: 1, type: 2, partial: 3, skeleton: 4, splitCompile: 5, splitType: 6 } as const;

/** DW_OP_… */
export const operation = {
  address: 0x03,
  plusConstant: 0x23,
  addressIndex: 0xa1,
  gnuAddressIndex: 0xfb,
} as const;

/** DW_LNS_…, DW_LNE_… and DW_LNCT_…: section 7.22. */
export const lineOperation = {
  extended: 0,
  copy: 1,
  advanceAddress: 2,
  advanceLine: 3,
  setFile: 4,
  constantAddAddress: 8,
  fixedAdvanceAddress: 9,
} as const;
export const extendedLineOperation = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;
export const lineContent = { path: 1, folderIndex: 2 } as const;

/** DW_RLE_…: section 7.25. */
export const rangeEntry = {
  endOfList: 0,
  baseAddressIndex: 1,
  startIndexEndIndex: 2,
  startIndexLength: 3,
  offsetPair: 4,
  baseAddress: 5,
  startEnd: 6,
  startLength: 7,
} as const;
