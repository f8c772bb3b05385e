/** Says `N passed, N failed` for a report of vitest's JSON reporter; exit code 1 unless some passed and none failed. */
import { readFileSync } from 'node:fs';

const { passed, failed } = count(readFileSync(process.argv[2], 'utf8'));
console.log(`${passed} passed, ${failed} failed`);
process.exit(passed > 0 && failed === 0 ? 0 : 1);

function count(text) {
  if (text === '') return { passed: 0, failed: 0 }; // the tests were never reached
  const report = JSON.parse(text);
  // A file that breaks before its first test has no test to count, and still is a failure.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}
