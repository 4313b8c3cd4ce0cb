// Every file of the suite, in its order: the first looks at VS Code before anything of ours is awake.
import './activation.test.ts';
import './elf-editor.test.ts';
import './problems.test.ts';
import './disassembly.test.ts';
import './raw.test.ts';
import './streamed-text.test.ts';
import './watched-files.test.ts';
import './twins.test.ts';
import './scan.test.ts';
import './compare.test.ts';
import './dependency-tree.test.ts';
import './explain.test.ts';
import './environment.test.ts';
import './cython.test.ts';
import './loader-trace.test.ts';
import './fault-injection.test.ts';
import './tools.test.ts';
