// The peer's components with their style sheet, as its package says.
import '@pagefind/component-ui';
import '@pagefind/component-ui/css';
