import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/source-serif-4/wght.css';
import './style/main.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { followLinks } from './shell/place.ts';
import { applyTheme } from './shell/theme.ts';

applyTheme();
followLinks();
render(<App />, document.getElementById('page') as HTMLElement);
