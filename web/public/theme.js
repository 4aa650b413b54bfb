// Before the first paint: the colours that this person chose, if any, so that nothing flashes white.
try {
  const theme = localStorage.getItem('unipay.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  const language = localStorage.getItem('unipay.language')
  if (language === 'zh-CN' || language === 'en') document.documentElement.lang = language
} catch {
  // storage is closed to us: the system's colours then
}
