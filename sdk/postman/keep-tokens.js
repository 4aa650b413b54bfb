// Postman, after each answer of the app API: keeps the tokens of who has just signed in for the requests that follow.
// Must stay true: they stay in the collection's variables, and go nowhere else.

if ((pm.response.headers.get('content-type') || '').startsWith('application/json')) {
  const { data } = pm.response.json()
  if (data?.access_token) pm.collectionVariables.set('accessToken', data.access_token)
  if (data?.refresh_token) pm.collectionVariables.set('refreshToken', data.refresh_token)
}
