import type { Holding } from './phrases.ts';

/** The travellers, each in a language of their own; terms stand between spaces so that they can be found. */
export const tongues: readonly {
  readonly lang: string;
  readonly templates: Readonly<Record<Holding, readonly string[]>>;
  readonly slots: Readonly<Record<string, readonly string[]>>;
}[] = [
  {
    lang: 'ja',
    templates: {
      AAPL: [
        '{when}、 iPhone で{what}を撮りました。{how}',
        '新しい iPad を{n}時間使ってみた。{how}',
      ],
      MSFT: ['{when}から Windows の更新が{n}回。{how}', 'Xbox で{n}連敗。{how}'],
      KO: ['{what}を見ながら Coke を飲む。{how}', '{when}、 $KO を{n}株だけ買い足した。'],
    },
    slots: {
      when: ['今朝', '昨夜', '駅の前で', '雨の日', '昼休み'],
      what: ['海', '夕焼け', '市場', '桜', '小さな橋'],
      how: ['なかなか良い。', 'ちょっと残念。', '😊', 'また明日。', 'うれしい！'],
    },
  },
  {
    lang: 'ar',
    templates: {
      AAPL: ['صورت {what} بهاتف iPhone {when}. {how}', 'بطارية iPad تدوم {n} ساعات {when}. {how}'],
      MSFT: ['تحديث Windows استغرق {n} دقيقة {when}. {how}', 'توقفت خدمة Azure {when}. {how}'],
      KO: ['شربت Coke مع {what} {when}. {how}', 'اشتريت {n} أسهم من $KO {when}. {how}'],
    },
    slots: {
      when: ['هذا الصباح', 'ليلة أمس', 'في السوق', 'بعد المطر', 'قبل السفر'],
      what: ['البحر', 'الغروب', 'الخبز', 'الحديقة', 'القمر'],
      how: ['جميل جدا', 'ليس سيئا', '🙂', 'إلى الغد', 'تعلمت شيئا'],
    },
  },
  {
    lang: 'el',
    templates: {
      AAPL: ['Φωτογράφισα {what} με iPhone {when}. {how}', 'Το iPad άντεξε {n} ώρες {when}. {how}'],
      MSFT: ['Τα Windows ήθελαν {n} λεπτά {when}. {how}', 'Έχασα {n} φορές στο Xbox {when}. {how}'],
      KO: ['Μια Coke με {what} {when}. {how}', 'Πήρα {n} μετοχές $KO {when}. {how}'],
    },
    slots: {
      when: ['το πρωί', 'χθες βράδυ', 'στο λιμάνι', 'μετά τη βροχή', 'πριν φύγω'],
      what: ['τη θάλασσα', 'το ηλιοβασίλεμα', 'ψωμί', 'τον κήπο', 'τη γέφυρα'],
      how: ['Καλό ήταν.', 'Δεν πειράζει.', '☀️', 'Αύριο πάλι.', 'Μάλιστα.'],
    },
  },
  {
    lang: 'ru',
    templates: {
      AAPL: ['Снял {what} на iPhone {when}. {how}', 'Старый iPod играет {n} часов {when}. {how}'],
      MSFT: [
        'Обновление Windows шло {n} минут {when}. {how}',
        'Сборка в Azure упала {when}. {how}',
      ],
      KO: ['Выпил Coke, смотрел на {what} {when}. {how}', 'Взял {n} акций $KO {when}. {how}'],
    },
    slots: {
      when: ['утром', 'вчера вечером', 'на вокзале', 'после дождя', 'перед отъездом'],
      what: ['море', 'закат', 'рынок', 'сад', 'мост'],
      how: ['Неплохо.', 'Жаль.', '🌧️', 'Завтра ещё раз.', 'Доволен!'],
    },
  },
  {
    lang: 'hi',
    templates: {
      AAPL: ['{when} iPhone से {what} की तस्वीर ली। {how}', '{when} iPad {n} घंटे चला। {how}'],
      MSFT: ['{when} Windows ने {n} मिनट लिए। {how}', '{when} Xbox पर {n} बार हारा। {how}'],
      KO: ['{when} Coke पी और {what} देखा। {how}', '{when} $KO के {n} शेयर लिए। {how}'],
    },
    slots: {
      when: ['आज सुबह', 'कल रात', 'स्टेशन पर', 'बारिश के बाद', 'निकलने से पहले'],
      what: ['समुद्र', 'सूर्यास्त', 'बाज़ार', 'बगीचा', 'पुल'],
      how: ['अच्छा लगा।', 'कोई बात नहीं।', '🙂', 'कल फिर।', 'मज़ा आया!'],
    },
  },
];
