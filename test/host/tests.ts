// Every file of the suite, in its order: the first looks at VS Code before anything of ours is awake.
import './activation.test.ts';
