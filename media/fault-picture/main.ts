import '@vscode-elements/elements/dist/vscode-button/index.js';
import '../elf-editor/elf-editor.css';
import './fault-picture.css';
import { FaultPicture } from './fault-picture-element.ts';
import { FaultPlot } from './plot/plot-element.ts';
import { FaultPointsTable } from './points-table-element.ts';

customElements.define('fault-plot', FaultPlot);
customElements.define('fault-points-table', FaultPointsTable);
customElements.define('fault-picture', FaultPicture);
