/** A statement with the probability that was given to it, and whether it was right. */
export interface Stated {
  readonly confidence: number;
  readonly isRight: boolean;
}

/** Statements of about the same confidence: what was stated on average, and the share that was right. */
export interface ReliabilityRow {
  readonly stated: number;
  readonly right: number;
  readonly count: number;
}

const TENTHS = 10;

/** A reliability table: statements by tenths of confidence, from the least sure; tenths without any are left out. */
export function reliability(statements: readonly Stated[]): readonly ReliabilityRow[] {
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const own = statements.filter(({ confidence }) => Math.min(Math.floor(confidence * TENTHS), TENTHS - 1) === tenth);
    const sum = own.reduce((total, { confidence }) => total + confidence, 0);
    const right = own.filter(({ isRight }) => isRight).length;
    return { stated: sum / Math.max(1, own.length), right: right / Math.max(1, own.length), count: own.length };
  }).filter(({ count }) => count > 0);
}

/** Expected calibration error: by how much stated and right differ, on average over the statements. */
export function calibrationError(rows: readonly ReliabilityRow[]): number {
  const count = rows.reduce((total, row) => total + row.count, 0);
  return rows.reduce((total, row) => total + row.count * Math.abs(row.stated - row.right), 0) / Math.max(1, count);
}
