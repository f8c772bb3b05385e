/**
 * Which way imports point:
 * domain ← text, network, observe ← media, caption, summary, render, storage, notify, search, export ← fetch ← pipeline
 * ← queue ← backfill, workers ← server ← cli.
 */
const LEVELS = [
  ['domain'],
  ['text', 'network', 'observe'],
  ['media', 'caption', 'summary', 'render', 'storage', 'notify', 'search', 'export'],
  ['fetch'],
  ['pipeline'],
  ['queue'],
  ['backfill', 'workers'],
  ['server'],
  ['cli'],
];

const folderOf = (room) => (room === 'workers' ? room : `src/${room}`);

/** A room imports from the levels below it and from itself. */
const roomRules = LEVELS.flatMap((rooms, level) => {
  const below = LEVELS.slice(0, level).flat();
  return rooms.map((room) => ({
    name: `${room}-looks-down`,
    comment: `${room} may import ${[...below, room].join(', ')} only`,
    severity: 'error',
    from: { path: `^${folderOf(room)}/` },
    to: { path: '^(src|workers)/', pathNot: `^(${[...below, room].map(folderOf).join('|')})/` },
  }));
});

/** Packages and built-in modules that only the named files may import. */
const keepers = [
  [
    'processes',
    '^(node:)?child_process$|node_modules/(execa|fluent-ffmpeg)/',
    '^(src/media/(ffmpeg|arguments)|src/cli/(private-redis|server-process)|workers/describer)\\.ts$',
  ],
  ['redis', 'node_modules/(bullmq|ioredis)/', '^(src/queue|workers)/'],
  ['inference', 'node_modules/onnxruntime-', '^src/caption/'],
  ['logs', 'node_modules/(pino|prom-client)/', '^src/observe/'],
  ['spans', 'node_modules/@opentelemetry/', '^src/(observe|queue)/'],
  ['pictures', 'node_modules/sharp/', '^src/(media|caption|render|cli/reel)/'],
].map(([name, path, keeper]) => ({
  name: `${name}-have-one-keeper`,
  severity: 'error',
  from: { path: '^(src|workers)/', pathNot: keeper },
  to: { path },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    ...keepers,
    {
      name: 'no-cycles',
      comment: 'an import of a type leaves no trace in the code that runs, and closes no circle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'product-stands-alone',
      comment: 'what is shipped imports nothing that is not',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(test|bench|scripts|training|web)/' },
    },
    {
      name: 'page-looks-at-shapes',
      comment:
        'the page shares words, shapes and pure functions with the rest, and asks the server for everything else',
      severity: 'error',
      from: { path: '^web/' },
      to: {
        path: '^(src|workers|test|bench)/',
        pathNot: '^src/(domain/|server/contract/|render/(evenly|format)\\.ts$)',
      },
    },
    {
      name: 'page-loads-no-schemas',
      comment: 'zod would be most of its script',
      severity: 'error',
      from: { path: '^web/' },
      to: {
        path: '^src/(domain|server)/',
        pathNot: '^src/domain/scene\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'shipped-dependencies-only',
      comment: 'a devDependency is not there after `npm install framescribe`',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'undetermined'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
