import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-ring/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '../elf-editor/elf-editor.css';
import './dependency-graph.css';
import { DependencyGraph } from './dependency-graph-element.ts';
import { DependencyPicture } from './picture/picture-element.ts';
import { DependencyTreeGrid } from './tree/tree-grid-element.ts';

customElements.define('dependency-tree-grid', DependencyTreeGrid);
customElements.define('dependency-picture', DependencyPicture);
customElements.define('dependency-graph', DependencyGraph);
