import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SessionFacts } from '../../src/server/contract/index.ts';
import { tellError } from '../shell/notices.tsx';
import type { VideoPage } from './page.tsx';

const loaded = signal<typeof VideoPage | null>(null);
let loading = false;

/** Brings the code of a video's page, which the library does without. */
export function loadVideoPage(): void {
  if (loading) return;
  loading = true;
  import('./page.tsx').then(
    (module) => {
      loaded.value = module.VideoPage;
    },
    (cause: unknown) => {
      loading = false;
      tellError(cause);
    },
  );
}

/** A video's page, as soon as its code is there. */
export function VideoPageLater({ id, session }: { readonly id: string; readonly session: SessionFacts }) {
  useEffect(loadVideoPage, []);
  const Page = loaded.value;
  return Page === null ? <main id="main" tabIndex={-1} aria-busy="true" /> : <Page id={id} session={session} />;
}
