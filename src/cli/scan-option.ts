import { Option } from 'commander';
import { scanMode } from '../domain/scan-plan.ts';

/** `--scan exact|lean|preview` */
export function scanOption(): Option {
  const text = 'what to save: nothing of the shots, a little of where they begin, or all but a first look';
  return new Option('--scan <mode>', text).choices(scanMode.options);
}
