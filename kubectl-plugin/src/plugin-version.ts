import packageJson from '../package.json' with { type: 'json' }

/** Version of this plugin; that of the product it is made with. */
export const pluginVersion = packageJson.version
