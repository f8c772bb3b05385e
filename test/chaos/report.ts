import { KINDS } from './blows.ts';
import type { Round } from './round.ts';

/** The rounds as a table, a line for each kind of blow. */
export function table(rounds: readonly Round[]): string {
  const head = [
    'blow',
    'rounds',
    'jobs',
    'completed',
    'segments',
    'taken up',
    'computed again',
    'most in a round',
    'locks lost',
    'faults',
    'median s',
  ];
  const kinds = KINDS.filter((kind) => rounds.some((round) => round.kind === kind));
  const lines = kinds.map((kind) =>
    line(
      kind,
      rounds.filter((round) => round.kind === kind),
    ),
  );
  return [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...lines, line('all', rounds)].join(
    '\n',
  );
}

function line(name: string, rounds: readonly Round[]): string {
  const sum = (count: (round: Round) => number) => rounds.reduce((total, round) => total + count(round), 0);
  const walls = rounds.map(({ wallMs }) => wallMs).sort((a, b) => a - b);
  return row([
    name,
    rounds.length,
    sum(({ jobs }) => jobs),
    sum(({ completed }) => completed),
    sum(({ segments }) => segments),
    sum(({ tries }) => tries),
    sum(({ computedAgain }) => computedAgain),
    Math.max(...rounds.map(({ computedAgain }) => computedAgain)),
    sum(({ lockLost }) => lockLost),
    sum(({ faults }) => faults.length),
    ((walls[Math.floor(walls.length / 2)] ?? 0) / 1000).toFixed(1),
  ]);
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
