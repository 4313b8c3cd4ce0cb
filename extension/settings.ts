import * as vscode from 'vscode';

/** The section of every setting of ours. */
export const settingsSection = 'binaryDetective';

/** Every setting of package.json (a test holds the two equal). The server asks for those that concern it by itself. */
export const settingIds = {
  objdump: 'binaryDetective.tools.objdump',
  llvmObjdump: 'binaryDetective.tools.llvmObjdump',
  readelf: 'binaryDetective.tools.readelf',
  nm: 'binaryDetective.tools.nm',
  git: 'binaryDetective.tools.git',
  addr2line: 'binaryDetective.tools.addr2line',
  cc: 'binaryDetective.tools.cc',
  muslCc: 'binaryDetective.tools.muslCc',
  cxxfilt: 'binaryDetective.tools.cxxfilt',
  rpm: 'binaryDetective.tools.rpm',
  python: 'binaryDetective.tools.python',
  ctest: 'binaryDetective.tools.ctest',
  gdb: 'binaryDetective.tools.gdb',
  elfWatch: 'binaryDetective.elf.watch',
  elfSeverity: 'binaryDetective.elf.severity',
  libraryPath: 'binaryDetective.dependencies.libraryPath',
  scanExclude: 'binaryDetective.scan.exclude',
  loaderTraceBindings: 'binaryDetective.loaderTrace.bindings',
  loaderTraceKept: 'binaryDetective.loaderTrace.keptMegabytes',
  faultTargets: 'binaryDetective.faults.targets',
  faultBuildTests: 'binaryDetective.faults.buildTests',
  faultDebugger: 'binaryDetective.faults.debugger',
  faultMarks: 'binaryDetective.faults.sourceMarks',
  faultPrograms: 'binaryDetective.faults.programs',
  faultDeadline: 'binaryDetective.faults.deadlineSeconds',
  faultMaxPoints: 'binaryDetective.faults.maxPoints',
  cythonLint: 'binaryDetective.cython.lint.enabled',
  cythonSeverity: 'binaryDetective.cython.severity',
  cythonCompiler: 'binaryDetective.cython.compiler',
  cythonIncludePath: 'binaryDetective.cython.includePath',
  cythonPythonFiles: 'binaryDetective.cython.pythonFiles',
  cythonExternCodeLens: 'binaryDetective.cython.externCodeLens',
  textMaximumLines: 'binaryDetective.text.maximumLines',
  trace: 'binaryDetective.trace.server',
} as const;

export type SettingId = (typeof settingIds)[keyof typeof settingIds];

/** The value as it stands: settings are typed by hand, so it can be anything. */
export function readSetting(id: SettingId, scope?: vscode.ConfigurationScope): unknown {
  return vscode.workspace.getConfiguration(undefined, scope).get<unknown>(id);
}

/** Opens the settings editor at one setting. */
export async function openSetting(id: string): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openSettings', id);
}
