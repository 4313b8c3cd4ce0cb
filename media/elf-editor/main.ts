import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import './elf-editor.css';
import './hex/hex.css';
import './report/report.css';
import './size/size.css';
import { ElfEditor } from './elf-editor-element.ts';
import { ElfHex } from './hex/hex-panel-element.ts';
import { ElfReport } from './report/report-element.ts';
import { ElfSize } from './size/size-view-element.ts';
import { ElfTable } from './table/elf-table-element.ts';

customElements.define('elf-hex', ElfHex);
customElements.define('elf-report', ElfReport);
customElements.define('elf-size', ElfSize);
customElements.define('elf-table', ElfTable);
customElements.define('elf-editor', ElfEditor);
