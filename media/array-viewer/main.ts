import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import '../elf-editor/elf-editor.css';
import './array-viewer.css';
import { ArrayGrid } from './array-grid-element.ts';
import { ArrayViewer } from './array-viewer-element.ts';

customElements.define('array-grid', ArrayGrid);
customElements.define('array-viewer', ArrayViewer);
