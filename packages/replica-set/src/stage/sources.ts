/** The stages that stand first and give documents of their own: about the server, a collection, or as written. */
import { Binary } from 'bson';
import { decodeDocument } from '../bson-decoder.ts';
import { type BsonDocument, type BsonValue, isDocument, showValue } from '../bson-document.ts';
import { encodeDocument } from '../bson-encoder.ts';
import { typeName } from '../bson-order.ts';
import type { CommandContext } from '../command.ts';
import { compileExpression, missing } from '../expression.ts';
import type { MemberState } from '../member-state.ts';
import { describeOperation } from '../operation-report.ts';
import { ServerError } from '../server-error.ts';
import { documentOperand, type SourceDefinition } from './stage.ts';

export const documentsSource: SourceDefinition = {
  collectionless: true,
  notIn: ['facet'],
  source(operand, around) {
    const evaluate = compileExpression(operand, around);
    return (context) => {
      const value = evaluate(context);
      if (!Array.isArray(value)) {
        throw new ServerError(
          5858203,
          `an array is expected, but the operand of $documents is ${value === missing ? 'missing' : showValue(value)}`,
        );
      }
      return value.map((each) => {
        if (isDocument(each)) return each;
        throw new ServerError(
          40228,
          `the elements of $documents must be objects, but one is of type '${typeName(each)}'`,
        );
      });
    };
  },
};

/** The sessions of the member that is asked; `$listSessions` reads the same ones, as `config.system.sessions`. */
export function sessionsSource(stage: '$listSessions' | '$listLocalSessions'): SourceDefinition {
  const isLocal = stage === '$listLocalSessions';
  return {
    collectionless: isLocal,
    notIn: ['facet', 'transaction'],
    source(operand) {
      checkSessionsOperand(stage, operand);
      return ({ state }, namespace) => {
        if (!isLocal && namespace !== 'config.system.sessions') {
          throw new ServerError(
            73,
            `${stage} may only be run against config.system.sessions, not ${namespace}`,
          );
        }
        return sessionsOf(state);
      };
    },
  };
}

function checkSessionsOperand(stage: string, operand: BsonValue): void {
  const given = documentOperand(
    stage,
    operand,
    14,
    `${stage} options must be specified in an object, but found: ${typeName(operand)}`,
  );
  for (const [name, value] of given) {
    const isRight =
      name === 'allUsers' ? typeof value === 'boolean' : name === 'users' && Array.isArray(value);
    if (isRight) continue;
    throw new ServerError(
      name === 'allUsers' || name === 'users' ? 14 : 40415,
      `BSON field '${stage}.${name}' is an unknown field or of the wrong type.`,
    );
  }
}

function sessionsOf({ sessions }: MemberState): BsonDocument[] {
  return sessions.keys().map((key) => {
    const id = new Binary(Buffer.from(key, 'hex'), 4);
    const lastUse = new Date(Date.now() - sessions.idle(key));
    return decodeDocument(encodeDocument({ _id: { id }, lastUse }));
  });
}

/** A source that is there and has nothing to tell; `{ aggregate: 1 }` on the database `admin`. */
export function emptyAdminSource(stage: string): SourceDefinition {
  return {
    collectionless: true,
    notIn: ['facet', 'transaction'],
    source(operand) {
      documentOperand(
        stage,
        operand,
        9,
        `${stage} value must be an object. Found: ${typeName(operand)}`,
      );
      return (context) => {
        requireAdmin(stage, context);
        return [];
      };
    },
  };
}

/** The host and port of a member. */
export function addressOf({ addresses, config }: MemberState): string {
  const { host, port } = addresses[config.index] ?? config;
  return `${host}:${port}`;
}

function requireAdmin(stage: string, { database }: CommandContext): void {
  if (database === 'admin') return;
  throw new ServerError(
    73,
    `${stage} must be run against the 'admin' database with {aggregate: 1}`,
  );
}

const currentOpOptions = new Set([
  'allUsers',
  'idleConnections',
  'idleCursors',
  'idleSessions',
  'localOps',
  'targetAllNodes',
  'truncateOps',
]);

export const currentOpSource: SourceDefinition = {
  collectionless: true,
  notIn: ['facet', 'lookup', 'union', 'transaction'],
  source(operand) {
    const given = documentOperand(
      '$currentOp',
      operand,
      9,
      `$currentOp options must be specified in an object, but found: ${typeName(operand)}`,
    );
    for (const [name, value] of given) {
      if (!currentOpOptions.has(name)) {
        throw new ServerError(9, `Unrecognized option '${name}' in $currentOp stage.`);
      }
      if (typeof value !== 'boolean') {
        throw new ServerError(
          9,
          `The '${name}' parameter of the $currentOp stage must be a boolean value, but found: ${typeName(value)}`,
        );
      }
    }
    return (context) => {
      requireAdmin('$currentOp', context);
      const host = addressOf(context.state);
      return context.state.running
        .all()
        .map((each) =>
          decodeDocument(encodeDocument({ host, ...describeOperation(each, context.now) })),
        );
    };
  },
};
