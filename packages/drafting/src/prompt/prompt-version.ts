/** Version of the prompt's wording; part of a run's settings. Raised whenever a template changes what a model is asked. */
export const promptVersion = '2'
