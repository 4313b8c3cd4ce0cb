/** Every command of package.json (a test holds the two equal). */
export const commandIds = {
  inspect: 'binaryDetective.inspect',
  disassemble: 'binaryDetective.disassemble',
  toggleDisassemblySource: 'binaryDetective.disassembly.toggleSource',
  showRawText: 'binaryDetective.showRawText',
  stopText: 'binaryDetective.text.stop',
  showMoreText: 'binaryDetective.text.showMore',
  selectForCompare: 'binaryDetective.selectForCompare',
  compareWithSelected: 'binaryDetective.compareWithSelected',
  compareWithHead: 'binaryDetective.compareWithHead',
  findTwins: 'binaryDetective.findTwins',
  showDependencyTree: 'binaryDetective.showDependencyTree',
  refreshDependencies: 'binaryDetective.dependencies.refresh',
  closeDependencyRoot: 'binaryDetective.dependencies.close',
  inspectDependency: 'binaryDetective.dependencies.inspect',
  revealDependency: 'binaryDetective.dependencies.reveal',
  copyDependencyPath: 'binaryDetective.dependencies.copyPath',
  copyDependenciesAsText: 'binaryDetective.dependencies.copyAsText',
  runFaultInjection: 'binaryDetective.faults.runOnProgram',
  configureFaultPrograms: 'binaryDetective.faults.configurePrograms',
  diagnoseTools: 'binaryDetective.diagnoseTools',
  restartServer: 'binaryDetective.restartServer',
  showLog: 'binaryDetective.showLog',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];
