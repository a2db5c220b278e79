/** The words that exports add to those of the programme. */
export interface Words {
  readonly speakers: string
  readonly slides: string
  readonly video: string
  readonly audio: string
  readonly signup: string
}

const words = {
  en: {
    ...{ speakers: 'Speakers', slides: 'Slides', video: 'Video', audio: 'Audio', signup: 'Sign up' },
  },
  de: {
    ...{ speakers: 'Vortragende', slides: 'Folien', video: 'Video', audio: 'Ton', signup: 'Anmeldung' },
  },
} as const satisfies Record<string, Words>

/** The language that a reader is given: the one that was asked for, as far as there are words in it, else English. */
export function languageFor(wanted: string | null): keyof typeof words {
  const language = wanted?.toLowerCase().split('-')[0] ?? ''
  return language === 'de' ? 'de' : 'en'
}

export function wordsIn(language: keyof typeof words): Words {
  return words[language]
}
