import { ObjectId, Timestamp } from 'bson';
import type { CaseTable } from './evaluation.ts';
import { date } from './evaluation.ts';

const d = date('2017-01-01T10:20:30.456Z');
const newYork = 'America/New_York';

export const dateCases: CaseTable = {
  values: [
    [{ $year: d }, 2017],
    [{ $month: d }, 1],
    [{ $dayOfMonth: d }, 1],
    [{ $hour: [d] }, 10],
    [{ $minute: d }, 20],
    [{ $second: d }, 30],
    [{ $millisecond: d }, 456],
    [{ $dayOfYear: date('2016-12-31T00:00:00Z') }, 366],
    [{ $dayOfWeek: d }, 1],
    [{ $week: d }, 1],
    [{ $week: date('2016-01-01T00:00:00Z') }, 0],
    [{ $isoDayOfWeek: d }, 7],
    [{ $isoWeek: d }, 52],
    [{ $isoWeekYear: d }, 2016n],
    [{ $year: { date: d, timezone: '-11:00' } }, 2016],
    [{ $hour: { date: d, timezone: newYork } }, 5],
    [{ $hour: { date: d, timezone: 'Asia/Kolkata' } }, 15],
    [{ $minute: { date: d, timezone: '+0530' } }, 50],
    [{ $hour: { date: d, timezone: '+03' } }, 13],
    [{ $hour: { date: d, timezone: null } }, null],
    [{ $year: null }, null],
    [{ $year: new ObjectId('58a000000000000000000000') }, 2017],
    [{ $year: new Timestamp({ t: 0, i: 1 }) }, 1970],
    [
      { $dateToParts: { date: d } },
      { year: 2017, month: 1, day: 1, hour: 10, minute: 20, second: 30, millisecond: 456 },
    ],
    [
      { $dateToParts: { date: d, iso8601: true, timezone: newYork } },
      {
        isoWeekYear: 2016,
        isoWeek: 52,
        isoDayOfWeek: 7,
        hour: 5,
        minute: 20,
        second: 30,
        millisecond: 456,
      },
    ],
    [{ $dateToParts: { date: null } }, null],
    [{ $dateToParts: { date: d, iso8601: null } }, null],
    [{ $dateFromParts: { year: 2017, month: 2, day: 8, hour: 12 } }, date('2017-02-08T12:00:00Z')],
    [{ $dateFromParts: { year: 2017 } }, date('2017-01-01T00:00:00Z')],
    [{ $dateFromParts: { year: 2017, month: 14, day: 0 } }, date('2018-01-31T00:00:00Z')],
    [{ $dateFromParts: { year: 2017, month: -1 } }, date('2016-11-01T00:00:00Z')],
    [
      { $dateFromParts: { isoWeekYear: 2017, isoWeek: 6, isoDayOfWeek: 3 } },
      date('2017-02-08T00:00:00Z'),
    ],
    [
      { $dateFromParts: { year: 2016, month: 12, day: 31, hour: 23, timezone: newYork } },
      date('2017-01-01T04:00:00Z'),
    ],
    // Skipped by the clock, and there twice.
    [
      { $dateFromParts: { year: 2026, month: 3, day: 8, hour: 2, minute: 30, timezone: newYork } },
      date('2026-03-08T07:30:00Z'),
    ],
    [
      { $dateFromParts: { year: 2026, month: 11, day: 1, hour: 1, minute: 30, timezone: newYork } },
      date('2026-11-01T05:30:00Z'),
    ],
    [{ $dateFromParts: { year: null } }, null],
    [{ $dateFromParts: { year: 2017, timezone: null } }, null],
    [{ $dateAdd: { startDate: d, unit: 'day', amount: 3 } }, date('2017-01-04T10:20:30.456Z')],
    [
      { $dateAdd: { startDate: date('2020-01-31T12:10:05Z'), unit: 'month', amount: 1 } },
      date('2020-02-29T12:10:05Z'),
    ],
    [
      { $dateAdd: { startDate: date('2020-02-29T00:00:00Z'), unit: 'year', amount: -1 } },
      date('2019-02-28T00:00:00Z'),
    ],
    [{ $dateAdd: { startDate: d, unit: 'quarter', amount: 1 } }, date('2017-04-01T10:20:30.456Z')],
    [
      { $dateAdd: { startDate: d, unit: 'millisecond', amount: 1 } },
      date('2017-01-01T10:20:30.457Z'),
    ],
    [
      {
        $dateAdd: {
          startDate: date('2026-03-07T15:00:00Z'),
          unit: 'day',
          amount: 1,
          timezone: newYork,
        },
      },
      date('2026-03-08T14:00:00Z'),
    ],
    [
      {
        $dateAdd: {
          startDate: date('2026-03-07T15:00:00Z'),
          unit: 'hour',
          amount: 24,
          timezone: newYork,
        },
      },
      date('2026-03-08T15:00:00Z'),
    ],
    [{ $dateAdd: { startDate: null, unit: 'day', amount: 1 } }, null],
    [
      { $dateSubtract: { startDate: d, unit: 'week', amount: 1 } },
      date('2016-12-25T10:20:30.456Z'),
    ],
    [
      {
        $dateDiff: {
          startDate: date('2020-12-31T23:59:59Z'),
          endDate: date('2021-01-01T00:00:00Z'),
          unit: 'year',
        },
      },
      1n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-01T00:00:00Z'),
          endDate: date('2020-06-01T00:00:00Z'),
          unit: 'quarter',
        },
      },
      -3n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-31T00:00:00Z'),
          endDate: date('2021-03-01T00:00:00Z'),
          unit: 'month',
        },
      },
      2n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-02T00:00:00Z'),
          endDate: date('2021-01-03T00:00:00Z'),
          unit: 'week',
        },
      },
      1n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-02T00:00:00Z'),
          endDate: date('2021-01-03T00:00:00Z'),
          unit: 'week',
          startOfWeek: 'Mon',
        },
      },
      0n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-01T23:00:00Z'),
          endDate: date('2021-01-02T01:00:00Z'),
          unit: 'day',
          timezone: newYork,
        },
      },
      0n,
    ],
    [
      {
        $dateDiff: {
          startDate: date('2021-01-01T00:59:00Z'),
          endDate: date('2021-01-01T01:01:00Z'),
          unit: 'hour',
        },
      },
      1n,
    ],
    [{ $dateDiff: { startDate: d, endDate: date('2017-01-01T10:22:00Z'), unit: 'minute' } }, 2n],
    [{ $dateDiff: { startDate: d, endDate: date('2017-01-01T10:20:31Z'), unit: 'second' } }, 1n],
    [{ $dateDiff: { startDate: d, endDate: d, unit: 'millisecond' } }, 0n],
    [{ $dateDiff: { startDate: null, endDate: d, unit: 'day' } }, null],
    [{ $dateTrunc: { date: d, unit: 'hour' } }, date('2017-01-01T10:00:00Z')],
    [
      { $dateTrunc: { date: date('2021-03-20T11:30:05Z'), unit: 'week' } },
      date('2021-03-14T00:00:00Z'),
    ],
    [
      {
        $dateTrunc: {
          date: date('2021-03-20T11:30:05Z'),
          unit: 'week',
          startOfWeek: 'monday',
          binSize: 2,
        },
      },
      date('2021-03-15T00:00:00Z'),
    ],
    [
      {
        $dateTrunc: {
          date: date('2021-03-20T11:30:05Z'),
          unit: 'month',
          binSize: 6,
          timezone: newYork,
        },
      },
      date('2021-01-01T05:00:00Z'),
    ],
    [
      { $dateTrunc: { date: date('2021-03-20T11:30:05Z'), unit: 'quarter' } },
      date('2021-01-01T00:00:00Z'),
    ],
    [
      { $dateTrunc: { date: date('1999-03-20T11:30:05Z'), unit: 'year', binSize: 10 } },
      date('1990-01-01T00:00:00Z'),
    ],
    [
      { $dateTrunc: { date: date('2021-03-20T11:37:05Z'), unit: 'minute', binSize: 15 } },
      date('2021-03-20T11:30:00Z'),
    ],
    [
      { $dateTrunc: { date: date('2021-03-20T03:00:00Z'), unit: 'day', timezone: newYork } },
      date('2021-03-19T04:00:00Z'),
    ],
    [{ $dateTrunc: { date: d, unit: 'day', binSize: null } }, null],
    [{ $dateToString: { date: d } }, '2017-01-01T10:20:30.456Z'],
    [{ $dateToString: { date: d, timezone: newYork } }, '2017-01-01T05:20:30.456'],
    [{ $dateToString: { date: d, format: '%Y-%m-%d %H:%M:%S:%L%%' } }, '2017-01-01 10:20:30:456%'],
    [{ $dateToString: { date: d, format: '%j %w %u %U %V %G' } }, '001 1 7 01 52 2016'],
    [{ $dateToString: { date: d, format: '%b %B' } }, 'Jan January'],
    [{ $dateToString: { date: d, format: '%z %Z', timezone: '-03:30' } }, '-0330 -210'],
    [{ $dateToString: { date: null, onNull: 'x' } }, 'x'],
    [{ $dateToString: { date: d, format: null } }, null],
    [
      { $dateFromString: { dateString: '2017-02-08T12:10:40.787' } },
      date('2017-02-08T12:10:40.787Z'),
    ],
    [{ $dateFromString: { dateString: '2017-02-08' } }, date('2017-02-08T00:00:00Z')],
    [{ $dateFromString: { dateString: '2017-02-08T12:10:40+0300' } }, date('2017-02-08T09:10:40Z')],
    [
      { $dateFromString: { dateString: '2017-02-08 12:10:40', timezone: newYork } },
      date('2017-02-08T17:10:40Z'),
    ],
    [{ $dateFromString: { dateString: 'February 8, 2017' } }, date('2017-02-08T00:00:00Z')],
    [
      { $dateFromString: { dateString: 'Wed, 08 Feb 2017 12:10:40 GMT' } },
      date('2017-02-08T12:10:40Z'),
    ],
    [{ $dateFromString: { dateString: '20170208T121040Z' } }, date('2017-02-08T12:10:40Z')],
    [
      { $dateFromString: { dateString: '06-15-2018', format: '%m-%d-%Y' } },
      date('2018-06-15T00:00:00Z'),
    ],
    [
      { $dateFromString: { dateString: '15 Jun 2018 +120', format: '%d %b %Y %Z' } },
      date('2018-06-14T22:00:00Z'),
    ],
    [
      { $dateFromString: { dateString: '2018-W25-5', format: '%G-W%V-%u' } },
      date('2018-06-22T00:00:00Z'),
    ],
    [
      { $dateFromString: { dateString: '2018/166', format: '%Y/%j' } },
      date('2018-06-15T00:00:00Z'),
    ],
    ...[
      ['7/4/17', '2017-07-04T00:00:00Z'],
      ['2017-Jul-04 noon', '2017-07-04T12:00:00Z'],
      ['2017-07-04T11:56.02.81', '2017-07-04T11:56:02.810Z'],
      ['July 4th, 2017 12:39:30 BST', '2017-07-04T11:39:30Z'],
      ['2017-07-14T12:02:44 CEST', '2017-07-14T10:02:44Z'],
      ['2017-07-14T12:02:44 L', '2017-07-14T01:02:44Z'],
      ['2017-07-14T12:02:44 P', '2017-07-14T15:02:44Z'],
    ].map(
      ([dateString, instant]) =>
        [
          { $dateFromString: { dateString } },
          date(instant as string),
        ] as CaseTable['values'][number],
    ),
    ...['GMT+02:00', 'cest', 'B'].map(
      (zone) =>
        [
          {
            $dateFromString: { dateString: `2017-07-14 12:02 ${zone}`, format: '%Y-%m-%d %H:%M%z' },
          },
          date('2017-07-14T10:02:00Z'),
        ] as CaseTable['values'][number],
    ),
    [
      { $dateFromString: { dateString: '1.1.1', format: '%V.%u.%G' } },
      date('0001-01-01T00:00:00Z'),
    ],
    [{ $dateFromString: { dateString: '2017-07-14T12:02:44 NOPE', onError: 'bad' } }, 'bad'],
    [{ $dateFromString: { dateString: null, onNull: 1 } }, 1],
    [{ $dateFromString: { dateString: 'never', onError: 'bad' } }, 'bad'],
    [{ $dateFromString: { dateString: 5, onError: 'bad' } }, 'bad'],
    [{ $dateFromString: { dateString: '2017-01-01', timezone: null } }, null],
  ],
  failures: [
    [{ $year: 'x' }, 16006],
    [{ $year: [d, d] }, 40536],
    [{ $year: { date: d, x: 1 } }, 40535],
    [{ $year: { timezone: 'UTC' } }, 40539],
    [{ $year: { date: d, timezone: 1 } }, 40517],
    [{ $year: { date: d, timezone: 'america/new_york' } }, 40485],
    [{ $year: { date: d, timezone: 'Nowhere/City' } }, 40485],
    [{ $dateToParts: 1 }, 40524],
    [{ $dateToParts: { date: d, x: 1 } }, 40520],
    [{ $dateToParts: {} }, 40522],
    [{ $dateToParts: { date: d, iso8601: 1 } }, 40521],
    [{ $dateFromParts: 1 }, 40519],
    [{ $dateFromParts: { x: 1 } }, 40518],
    [{ $dateFromParts: { month: 1 } }, 40516],
    [{ $dateFromParts: { year: 1, isoWeek: 1 } }, 40489],
    [{ $dateFromParts: { isoWeekYear: 1, month: 1 } }, 40525],
    [{ $dateFromParts: { year: 2017.5 } }, 40515],
    [{ $dateFromParts: { year: 10000 } }, 40523],
    [{ $dateFromParts: { isoWeekYear: 0 } }, 31095],
    [{ $dateFromParts: { year: 2017, hour: 40000 } }, 31034],
    [{ $dateAdd: 1 }, 5166400],
    [{ $dateAdd: { startDate: d, unit: 'day', amount: 1, x: 1 } }, 5166401],
    [{ $dateAdd: { startDate: d, unit: 'day' } }, 5166402],
    [{ $dateAdd: { startDate: 'x', unit: 'day', amount: 1 } }, 5166403],
    [{ $dateAdd: { startDate: d, unit: 1, amount: 1 } }, 5439013],
    [{ $dateAdd: { startDate: d, unit: 'eon', amount: 1 } }, 9],
    [{ $dateAdd: { startDate: d, unit: 'day', amount: 1.5 } }, 5166405],
    [{ $dateAdd: { startDate: d, unit: 'year', amount: 10n ** 15n } }, 5976500],
    [{ $dateSubtract: { startDate: d, unit: 'day', amount: -(2n ** 63n) } }, 6045000],
    [{ $dateDiff: 1 }, 5166301],
    [{ $dateDiff: { x: 1 } }, 5166302],
    [{ $dateDiff: { endDate: d, unit: 'day' } }, 5166303],
    [{ $dateDiff: { startDate: d, unit: 'day' } }, 5166304],
    [{ $dateDiff: { startDate: d, endDate: d } }, 5166305],
    [{ $dateDiff: { startDate: 1, endDate: d, unit: 'day' } }, 5166307],
    [{ $dateDiff: { startDate: d, endDate: d, unit: 'week', startOfWeek: 1 } }, 5439015],
    [{ $dateDiff: { startDate: d, endDate: d, unit: 'week', startOfWeek: 'x' } }, 5439016],
    [{ $dateTrunc: 1 }, 5439007],
    [{ $dateTrunc: { date: d, unit: 'day', x: 1 } }, 5439008],
    [{ $dateTrunc: { unit: 'day' } }, 5439009],
    [{ $dateTrunc: { date: d } }, 5439010],
    [{ $dateTrunc: { date: 1, unit: 'day' } }, 5439012],
    [{ $dateTrunc: { date: d, unit: 'day', binSize: 1.5 } }, 5439017],
    [{ $dateTrunc: { date: d, unit: 'day', binSize: 0 } }, 5439018],
    [{ $dateToString: 1 }, 18629],
    [{ $dateToString: { date: d, x: 1 } }, 18534],
    [{ $dateToString: {} }, 18628],
    [{ $dateToString: { date: d, format: 1 } }, 18533],
    [{ $dateToString: { date: d, format: '%' } }, 18535],
    [{ $dateToString: { date: d, format: '%q' } }, 18536],
    [{ $dateToString: { date: date('+010000-01-01T00:00:00Z'), format: '%Y' } }, 18537],
    [{ $dateFromString: 1 }, 40540],
    [{ $dateFromString: { x: 1 } }, 40541],
    [{ $dateFromString: {} }, 40542],
    [{ $dateFromString: { dateString: 'a', format: 1 } }, 40684],
    [{ $dateFromString: { dateString: 'a', format: '%U' } }, 18536],
    [{ $dateFromString: { dateString: 5 } }, 241],
    [{ $dateFromString: { dateString: 'never' } }, 241],
    [{ $dateFromString: { dateString: '2017-02-30' } }, 241],
    [{ $dateFromString: { dateString: '2017', format: '%Y' } }, 241],
    [{ $dateFromString: { dateString: '2017-02-08T12:10:40Z', timezone: newYork } }, 241],
  ],
};
