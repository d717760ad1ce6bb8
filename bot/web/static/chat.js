// Makes the conversation livelier where scripts run: messages go without a reload, and answers that come later appear
// by themselves. Everything works without it.
'use strict'
const $ = id => document.getElementById(id)
const log = $('log'), composer = $('composer'), field = $('text'), state = $('state')
const coarse = matchMedia('(pointer: coarse)').matches
let sending = false, quiet = 0

const say = (words, bad) => {
  state.textContent = words || ''
  state.classList.toggle('bad', !!bad)
}

// merge brings the log up to date line by line, so that a screen reader reads out only what is new.
const merge = page => {
  const fresh = page.getElementById('log')
  if (!fresh || fresh.dataset.version === log.dataset.version) return null
  log.dataset.version = fresh.dataset.version
  let first = null
  const ids = new Set([...fresh.children].map(n => n.id))
  for (const old of [...log.children]) if (!ids.has(old.id)) old.remove()
  let at = null
  for (const node of [...fresh.children]) {
    const old = $(node.id), next = at ? at.nextSibling : log.firstChild
    if (old && old.innerHTML === node.innerHTML) {
      if (old !== next) log.insertBefore(old, next)
      at = old
      continue
    }
    const copy = document.importNode(node, true)
    if (old) old.replaceWith(copy)
    else log.insertBefore(copy, next)
    first = first || copy
    at = copy
  }
  const welcome = $('welcome')
  if (welcome && !page.getElementById('welcome')) welcome.remove()
  return first
}

const parse = async answer => new DOMParser().parseFromString(await answer.text(), 'text/html')

const send = async (form, button) => {
  if (sending) return
  sending = true
  const data = new URLSearchParams(new FormData(form, button))
  say(composer.dataset.sending)
  form.classList.add('busy')
  try {
    const answer = await fetch(form.action, { method: 'POST', body: data })
    const path = new URL(answer.url).pathname
    if (answer.ok && path !== '/') {
      location.assign(answer.url)
      return
    }
    const page = await parse(answer)
    if (!answer.ok) {
      const told = page.getElementById('notice') || page.getElementById('state')
      say(told ? told.textContent : composer.dataset.offline, true)
      return
    }
    const nonce = page.querySelector('#composer [name=n]').value
    for (const n of document.querySelectorAll('[name=n]')) n.value = nonce
    const first = merge(page)
    say('')
    quiet = 0
    if (form === composer) field.value = ''
    if (first) {
      first.scrollIntoView({ block: 'start' })
      if (form !== composer) first.focus({ preventScroll: true })
    }
    if (form === composer && !coarse) field.focus({ preventScroll: true })
  } catch {
    say(composer.dataset.offline, true)
  } finally {
    sending = false
    form.classList.remove('busy')
  }
}

// news asks for lines that came meanwhile: often after one was sent, less and less so while nothing comes.
const news = async () => {
  quiet++
  if (!document.hidden && !sending && log.children.length) {
    try {
      const to = new URL(composer.dataset.news, location)
      to.searchParams.set('v', log.dataset.version)
      const answer = await fetch(to)
      if (answer.status === 200 && !sending && merge(await parse(answer))) quiet = 0
    } catch { /* offline: the next time */ }
  }
  later()
}
const later = () => setTimeout(news, Math.min(2000 * 1.3 ** quiet, 30000))

if (log && composer) {
  document.documentElement.classList.add('live')
  document.addEventListener('submit', e => {
    const path = new URL(e.target.action).pathname
    if (path !== '/message' && path !== '/press') return
    e.preventDefault()
    const menu = e.target.closest('details')
    if (menu) menu.open = false
    send(e.target, e.submitter)
  })
  field.addEventListener('keydown', e => {
    if (e.key !== 'Enter' || e.shiftKey || e.isComposing) return
    e.preventDefault()
    if (field.value.trim()) composer.requestSubmit(composer.querySelector('button'))
  })
  document.addEventListener('visibilitychange', () => { quiet = 0 })
  later()
}

document.addEventListener('keydown', e => {
  const menu = document.querySelector('.menu[open]')
  if (e.key !== 'Escape' || !menu) return
  menu.open = false
  menu.querySelector('summary').focus()
})

const copy = $('copy')
if (copy && navigator.clipboard) {
  copy.hidden = false
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText($('link').value)
    say(copy.dataset.copied)
  })
}
