import { useSignal } from '@preact/signals';
import { toRequestError } from '../api/request.ts';
import { signIn } from '../api/videos.ts';

/** Asks for a token, which the server keeps in a cookie that no script can read. */
export function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    busy.value = true;
    try {
      await signIn(String(token).trim());
      onSignedIn();
    } catch (cause) {
      const error = toRequestError(cause);
      problem.value = error.status === 401 ? 'The server doesn’t know this token.' : error.message;
    }
    busy.value = false;
  };
  return (
    <main class="sign-in" id="main">
      <form onSubmit={submit}>
        <h1>Sign in</h1>
        <p class="quiet">With an access token of this server; whoever runs it makes one for you.</p>
        <label>
          Token
          <input
            name="token"
            type="password"
            required
            autocomplete="current-password"
            aria-describedby="token-problem"
          />
        </label>
        <p class="problem" id="token-problem" role="alert">
          {problem.value}
        </p>
        <button type="submit" class="primary" disabled={busy.value}>
          Sign in
        </button>
      </form>
    </main>
  );
}
