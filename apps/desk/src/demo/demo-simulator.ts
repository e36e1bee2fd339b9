import type { TwitterAuth } from '@holdfast/post-stream';
import type { Log } from '../log.ts';

export class DemoSimulator {
  readonly log: Log;
  constructor(log: Log) {
    this.log = log;
  }
  async start(): Promise<{ url: string; auth: TwitterAuth }> {
    throw new Error('not yet');
  }
  async stop(): Promise<void> {}
}
