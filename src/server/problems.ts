import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ERROR_KINDS, type ErrorCode, FramescribeError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import type { Problem } from './contract/index.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** What a request's own library calls a failure, and what it's called here. */
const KNOWN: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};
const MOST_ERRORS = 20;

/**
 * Answers with a problem for whatever was thrown; what is a fault of ours is logged, and its details stay here.
 *
 * @param plain makes a message one for others.
 */
export function answerProblem(log: Log, plain: (message: string) => string) {
  return (error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const told = problemOf(error);
    const problem = { ...told, detail: plain(told.detail) };
    if (problem.status >= 500) {
      log.error({ event: 'failed', request: request.id, code: problem.code }, `${request.method}: ${error.message}`);
    }
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  };
}

export function problemOf(error: FastifyError | Error): Problem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = (error as FastifyError).validationContext ?? 'request';
    const errors = error.validation.slice(0, MOST_ERRORS).map(({ instancePath, message = '' }) => {
      return { path: `${where}${instancePath.replaceAll('/', '.').replace(/\.$/, '')}`.slice(0, 200), message };
    });
    const detail = `Expected a valid ${where}: ${errors[0]?.path}: ${errors[0]?.message}`;
    return { ...tell('REQUEST_INVALID', detail), errors };
  }
  if (error instanceof FramescribeError) {
    // A message about this machine's own set-up is for whoever reads its log.
    return tell(error.code, error.kind.exitCode === 4 && error.code === 'INTERNAL' ? FAULT : error.message);
  }
  const { code = '', statusCode = 500 } = error as FastifyError;
  const known = KNOWN[code];
  if (known !== undefined) return tell(known, error.message);
  if (statusCode >= 400 && statusCode < 500) return tell('REQUEST_INVALID', error.message);
  const ours = FramescribeError.from(error);
  return tell(ours.code, ours.code === 'INTERNAL' ? FAULT : ours.message);
}

const FAULT = 'Expected an answer, but something went wrong in the server: its log tells.';

/** A problem of a code, with what was expected and what came. */
export function tell(code: ErrorCode, detail: string): Problem {
  const { httpStatus: status, advice, retryable } = ERROR_KINDS[code];
  return {
    type: `urn:framescribe:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    advice,
    retryable,
  };
}
