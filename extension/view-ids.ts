/** Every view and custom editor of package.json (a test holds the two equal). */
export const elfEditorViewType = 'binaryDetective.elfEditor';
export const arrayViewerViewType = 'binaryDetective.arrayViewer';
export const dependencyGraphViewType = 'binaryDetective.dependencyGraph';
export const dependenciesViewId = 'binaryDetective.dependencies';
export const loaderTraceViewId = 'binaryDetective.loaderTrace';
export const whoNeedsViewId = 'binaryDetective.whoNeeds.view';
