import { signal } from '@preact/signals';

/** Where the reader is: the address bar as a value. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly hash: string;
}

export const place = signal<Place>(read());

/** Goes to another address of this page; `replace` leaves no entry to come back to. */
export function go(href: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  const before = place.value.path;
  place.value = read();
  if (!replace && place.value.path !== before) scrollTo(0, 0);
}

/** Follows plain clicks on links of this page without loading it again, and the browser's way back. */
export function followLinks(): void {
  addEventListener('popstate', () => {
    place.value = read();
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return;
    const isAnchor = link.pathname === location.pathname && link.hash !== '';
    if (isAnchor || !isOwn(link.pathname)) return;
    event.preventDefault();
    go(link.href);
  });
}

/** Of the addresses of the server, those that this page draws. */
function isOwn(path: string): boolean {
  return path === '/' || /^\/videos\/[^/]+$/.test(path);
}

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search), hash: location.hash.slice(1) };
}
