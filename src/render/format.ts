/** Numbers as people read them: the same in every locale, so that the same result renders to the same bytes. */

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const { hours, minutes, seconds } = parts(ms);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `00:12:34.567`, as WebVTT and CSV have it. */
export function timestamp(ms: number): string {
  const { hours, minutes, seconds } = parts(ms);
  return `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** `8.4 s`, `1 min 36 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  const { hours, minutes, seconds } = parts(ms);
  if (hours > 0) return `${hours} h ${minutes} min`;
  if (minutes > 0) return `${minutes} min ${seconds} s`;
  return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
}

/** `712 bytes`, `17.9 MB`. */
export function fileSize(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'];
  if (bytes < 1000) return counted(bytes, 'byte');
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** A part of one as `81%`. */
export function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

/** `1 shot`, `9 shots`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `30000/1001` as `29.97`. */
export function framesPerSecond(rate: string): string | null {
  const [num, den] = rate.split('/').map(Number);
  if (num === undefined || !Number.isFinite(num) || num <= 0 || den === 0) return null;
  return String(Math.round((num / (den ?? 1)) * 100) / 100);
}

function parts(ms: number) {
  const seconds = Math.floor(ms / 1000);
  return { hours: Math.floor(seconds / 3600), minutes: Math.floor(seconds / 60) % 60, seconds: seconds % 60 };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
