import type { SessionFacts } from '../../src/server/contract/index.ts';
import { connected } from '../api/live.ts';
import { Icon } from './icon.tsx';
import { chooseTheme, nextTheme, type Theme, theme } from './theme.ts';

const THEMES: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' };

interface HeaderProps {
  readonly session: SessionFacts | null;
  readonly onSignOut: () => void;
}

export function Header({ session, onSignOut }: HeaderProps) {
  return (
    <header class="top">
      <a class="brand" href="/">
        <span aria-hidden="true" />
        Framescribe
      </a>
      <p class="connection" role="status">
        {connected.value === false && 'Connection lost, trying again…'}
      </p>
      {session?.authentication && session.name !== null && (
        <button type="button" class="plain" onClick={onSignOut}>
          Sign out<span class="who">{session.name}</span>
        </button>
      )}
      <button
        type="button"
        class="bare"
        aria-label={`Colours: ${THEMES[theme.value]}. Change to ${THEMES[nextTheme()]}`}
        title={`Colours: ${THEMES[theme.value]}`}
        onClick={() => chooseTheme(nextTheme())}
      >
        <Icon name={theme.value} />
      </button>
    </header>
  );
}
