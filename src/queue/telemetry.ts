import {
  type Attributes,
  type AttributeValue,
  type Context,
  context,
  type Exception,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';

const TRACER = 'framescribe';
/** What a video shows, in words: nothing for a trace. */
const PRIVATE = new Set(['bullmq.job.result', 'bullmq.job.progress']);

/**
 * BullMQ's hook for spans, on the OpenTelemetry API: what adds a job and what processes it become one trace, as the
 * context travels with the job. Without an OpenTelemetry SDK in the process it does nothing.
 *
 * @param redact takes secrets out of every text of a span.
 */
export function queueTelemetry(redact: (text: string) => string): Telemetry<Context> {
  return {
    tracer: {
      startSpan: (name, options, parent) =>
        wrap(trace.getTracer(TRACER).startSpan(name, options as SpanOptions, parent), redact),
    },
    contextManager: {
      with: (active, work) => context.with(active, work),
      active: () => context.active(),
      root: () => ROOT_CONTEXT,
      getMetadata: (active) => {
        const carrier: Record<string, string> = {};
        propagation.inject(active, carrier);
        return JSON.stringify(carrier);
      },
      fromMetadata: (active, metadata) => propagation.extract(active, readCarrier(metadata)),
    },
  };
}

/** The OpenTelemetry API's numbers for kinds of spans are BullMQ's too; its types of values are not. */
type BullSpan = ReturnType<Telemetry<Context>['tracer']['startSpan']>;

function wrap(span: Span, redact: (text: string) => string): BullSpan {
  const clean = (attributes: object = {}): Attributes =>
    Object.fromEntries(
      Object.entries(attributes)
        .filter(([key]) => !PRIVATE.has(key))
        .map(([key, value]) => [key, cleanValue(value, redact)]),
    );
  return {
    setSpanOnContext: (active) => trace.setSpan(active, span),
    setAttribute: (key, value) => void span.setAttributes(clean({ [key]: value })),
    setAttributes: (attributes) => void span.setAttributes(clean(attributes)),
    addEvent: (name, attributes) => void span.addEvent(name, clean(attributes)),
    recordException: (exception, time) => span.recordException(cleanException(exception, redact), time),
    end: () => span.end(),
  };
}

function cleanValue(value: AttributeValue | undefined, redact: (text: string) => string): AttributeValue | undefined {
  if (typeof value === 'string') return redact(value);
  return Array.isArray(value)
    ? (value.map((each) => (typeof each === 'string' ? redact(each) : each)) as AttributeValue)
    : value;
}

function cleanException(exception: unknown, redact: (text: string) => string): Exception {
  if (!(exception instanceof Error)) return redact(String(exception));
  return { name: exception.name, message: redact(exception.message), stack: redact(exception.stack ?? '') };
}

/** A job that was added without a trace, or by somebody else, has a context of its own. */
function readCarrier(metadata: string): Record<string, string> {
  try {
    return JSON.parse(metadata);
  } catch {
    return {};
  }
}
