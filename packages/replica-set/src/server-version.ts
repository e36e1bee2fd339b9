/** The version of MongoDB whose behaviour this server has, and tells to have. */
export const serverVersion = '8.0.0';
