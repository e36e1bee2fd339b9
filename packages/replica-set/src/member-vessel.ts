import type { MemberOrder, MemberReport } from './member.ts';

/** What a member's program runs in. */
export interface MemberVessel {
  /** The process that the member runs in; it may be this one. */
  readonly processId: number;
  /** Sends an order; one to a member that has ended is dropped. */
  tell(order: MemberOrder): void;
  /** Stops the member between two steps, its sockets open; resolves once it stands still. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends the member where it stands; resolves once it is gone. */
  end(): Promise<void>;
}

/** What its host hears of a member. */
export interface MemberEvents {
  readonly hear: (report: MemberReport) => void;
  /** The program threw, or ended with an error of its own. */
  readonly failed: (error: Error) => void;
  /** The member is gone, whatever the reason. */
  readonly ended: () => void;
}
