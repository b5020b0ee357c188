#pragma once
// The facts behind referrer_hosts.h, and nothing but facts: included by referrer_hosts.cpp only.
// To add a site, add its domain to the line of its name; the compiler refuses duplicates.

#include <cstdint>
#include <string_view>

#include "event/referrer_hosts.h"

namespace millimetric::event::host_facts {

// How an entry applies to the host that led to it.
enum class scope : std::uint8_t {
  all,     // the domain and all its subdomains
  portal,  // a site of many services: only its subdomains for searching
  home,    // the same, but its front page is a search page as well
  none,    // an exception: an ordinary site below a listed domain
};

// One line of facts: domains separated by spaces, and numbers of applications in Apple's store, as
// ios-app:// has them. Without a name each domain is called by the
// label before its public suffix ("search.nate.com" is nate); "=" is for those that go by the
// whole domain, such as "last.fm".
struct fact {
  std::string_view name;
  host_kind kind;
  std::string_view domains;
  scope applies = scope::all;
};

using enum host_kind;

inline constexpr fact facts[] = {
    // Social networks -----------------------------------------------------------------------
    {"facebook", facebook, "facebook.com fb.com fb.me fb.watch fb.gg m.me messenger.com"},
    {"facebook", facebook, "facebookwkhpilnemxj7asaniu7vnjjbiltxjqhye3mhbshg7kx5tfyd.onion"},
    {"facebook", facebook, "284882215 454638411"},
    {"instagram", instagram, "instagram.com instagr.am ig.me 389801252"},
    {"threads", social, "threads.net threads.com 6446901002"},
    {"workplace", social, "workplace.com"},
    {"twitter", social, "twitter.com x.com t.co 333903271"},
    {"linkedin", social, "linkedin.com linkedin.cn lnkd.in 288429040"},
    {"reddit", social, "reddit.com redd.it reddit.app.link redditmedia.com 1064216828"},
    {"tiktok", social, "tiktok.com tiktokv.com 835599320"},
    {"youtube", social, "youtube.com youtu.be youtube-nocookie.com 544007664"},
    {"pinterest", social, "pin.it pinterest.info pinterest.com 429047995"},
    {"snapchat", social, "snapchat.com 447188370"},
    {"whatsapp", social, "whatsapp.com wa.me wl.co 310633997"},
    {"telegram", social, "telegram.org telegram.me t.me telegram.dog telegra.ph 686449807"},
    {"discord", social, "discord.com discord.gg discordapp.com"},
    {"bluesky", social, "bsky.app bsky.social skyfeed.app"},
    {"tumblr", social, "tumblr.com umblr.com tmblr.co"},
    {"vk", social, "vk.com vk.ru vkontakte.ru vk.me vk.cc vkvideo.ru"},
    {"odnoklassniki", social, "ok.ru odnoklassniki.ru"},
    {"mailru", social, "my.mail.ru"},
    {"weibo", social, "weibo.com weibo.cn t.cn"},
    {"wechat", social, "wechat.com weixin.qq.com"},
    {"qzone", social, "qzone.qq.com"},
    {"naver", social, "blog.naver.com cafe.naver.com kin.naver.com"},
    {"xiaohongshu", social, "xiaohongshu.com xhslink.com rednote.com"},
    {"kuaishou", social, "kuaishou.com"},
    {"bilibili", social, "bilibili.com b23.tv"},
    {"line", social, "line.me lin.ee"},
    {"google_plus", social, "plus.google.com url.google.com plus.url.google.com"},
    {"hacker_news", social, "news.ycombinator.com"},
    {"stackoverflow", social, "stackoverflow.com"},
    {"stackexchange", social, "stackexchange.com superuser.com serverfault.com askubuntu.com"},
    {"soundcloud", social, "soundcloud.com gate.sc"},
    {"quora", social, "quora.com"},
    {"live_journal", social, "livejournal.com livejournal.ru"},
    {"lemmy", social, "lemmy.world lemmy.ml lemmy.ca lemm.ee beehaw.org sh.itjust.works"},
    {"lemmy", social, "feddit.de feddit.org feddit.uk programming.dev discuss.tchncs.de"},
    {"nostr", social, "primal.net snort.social iris.to damus.io coracle.social"},
    {"twitch", social, "twitch.tv"},
    {"slideshare", social, "slideshare.net"},
    {"slack", social, "slack.com"},
    {"microsoft_teams", social, "teams.microsoft.com teams.cloud.microsoft teams.live.com"},
    {"microsoft_teams", social, "statics.teams.cdn.office.net"},
    {"windows_live", social, "login.live.com"},
    {"lemon8", social, "lemon8-app.com"},
    {"", social,
     "4chan.org 5ch.net 9gag.com ameblo.jp ask.fm badoo.com band.us bebo.com behance.net "
     "bereal.com b.hatena.ne.jp blackplanet.com buzznet.com caffeine.tv care2.com classmates.com "
     "clubhouse.com cohost.org coub.com couchsurfing.com cyworld.com dailymotion.com dcard.tw "
     "delicious.com deviantart.com digg.com diigo.com disqus.com dlive.tv douban.com "
     "douyin.com douyu.com dribbble.com ello.co fark.com fetlife.com flickr.com flipboard.com "
     "flixster.com folkd.com fotki.com fotolog.com fotolog.net foursquare.com friendfeed.com "
     "friendsreunited.com friendster.com gab.ai gab.com gaiaonline.com geni.com gettr.com "
     "github.com goodreads.com gree.jp habbo.com habr.com hi5.com hive.blog huya.com hyves.nl "
     "identi.ca imgur.com instapaper.com kaixin001.com kakao.com kick.com kooapp.com lang-8.com "
     "letterboxd.com librarything.com likee.video lobste.rs medium.com meetme.com meetup.com "
     "meinvz.net meneame.net mewe.com micro.blog minds.com missevan.com mixi.jp moikrug.ru "
     "multiply.com myheritage.com mylife.com mylife.ru myspace.com myyearbook.com netlog.com "
     "newgrounds.com nextdoor.com nicovideo.jp nk.pl odysee.com orkut.com parler.com peepeth.com "
     "periscope.tv pikabu.ru pixiv.net plaxo.com plurk.com producthunt.com ptt.cc ravelry.com "
     "renren.com researchgate.net rumble.com rutube.ru scoop.it sharechat.com signal.me "
     "skyrock.com slashdot.org sonico.com sourceforge.net spaces.ru steamcommunity.com steemit.com "
     "strava.com studivz.net stumbleupon.com tagged.com taringa.net tribel.com triller.co "
     "truthsocial.com tuenti.com twitcasting.tv v2ex.com vero.co viadeo.com viber.com vimeo.com "
     "vkrugudruzei.ru wattpad.com wayn.com weeworld.com weheartit.com wykop.pl xanga.com xing.com "
     "yammer.com younow.com zalo.me zhihu.com"},
    {"schuelervz", social, "schuelervz.net"},
    {"=", social, "dev.to last.fm"},
    // The Fediverse: large instances whose host does not say so (the labels in fediverse_labels
    // are recognised anywhere).
    {"mastodon", social,
     "abdl.link aethy.com alive.bar aus.social baraag.net beige.party bitcoinhackers.org "
     "bolha.us botsin.space brotka.st c.im chaos.social chitter.xyz climatejustice.social "
     "corteximplant.com counter.social cr8r.gg cyberplace.social cybre.space "
     "data-folks.masto.host defcon.social det.social dice.camp digipres.club disabled.social "
     "dju.social dresden.network ecoevo.social eldritch.cafe expressional.social famichiki.jp "
     "federate.social fedibird.com fediscience.org fikaverse.club flipboard.social floss.social "
     "fosstodon.org framapiaf.org freeradical.zone friends.nico front-end.social functional.cafe "
     "furry.engineer gamedev.place genomic.social gensokyo.social gladtech.social glasgow.social "
     "graphics.social gruene.social hachyderm.io hessen.social historians.social home.social "
     "hostux.social imastodon.net indieweb.social infosec.exchange infosec.space ioc.exchange "
     "jasette.facil.services jorts.horse journa.host kinky.business knzk.me kolektiva.social "
     "layer8.space lgbt.io lgbtqia.space libretooth.gr ligma.pro linuxrocks.online "
     "livellosegreto.it mamot.fr mas.to masto.ai masto.es masto.nu masto.nyc mastodonapp.uk "
     "mastodonbooks.net mastodont.cat mastodonten.de mastoxiv.page mathstodon.xyz me.dm "
     "meow.social merveilles.town metalhead.club mi.pede.rs mindly.social mona.do moth.social "
     "mstdn.social muenchen.social musician.social muslim.social neuromatch.social newsie.social "
     "niu.moe noc.social norden.social nrw.social octodon.social ohai.social oldbytes.space "
     "openbiblio.social ottawa.place pagan.plus pawoo.net photog.social phpc.social "
     "piaille.fr podcastindex.social poliverso.org pony.social pouet.chapril.org "
     "poweredbygay.social progressives.social qoto.org queer.party quey.org ravenation.club "
     "rheinneckar.social ro-mastodon.puyo.jp ruby.social ruhr.social scholar.social scicomm.xyz "
     "sciences.social sfba.social shelter.moe sigmoid.social snabelen.no socel.net "
     "social.anoxinon.de social.cologne social.coop social.linux.pizza social.lol "
     "social.overheid.nl social.seattle.wa.us social.tchncs.de social.vivaldi.net sonomu.club "
     "spacey.space sself.co strangeobject.space stranger.social sueden.social sunny.garden "
     "tabletop.social tech.lgbt techhub.social techpolicy.social theatl.social tilde.zone "
     "tkm.eus toad.social todon.eu todon.nl tooot.im toot.bike toot.cafe toot.cat toot.community "
     "toot.funami.tech toot.io toot.pikopublish.ing toot.site toot.thoughtworks.com "
     "toot.wales tooting.ch troet.cafe twit.social typo.social union.place universeodon.com "
     "urbanists.social uwu.social vis.social vmst.io vocalodon.net wandering.shop wien.rocks "
     "wikis.world witches.live wolfgirl.bar woof.group writing.exchange wxw.moe xoxo.zone "
     "yiff.life zeroes.ca zirk.us"},
    {"pixelfed", social, "metapixl.com pix.toot.wales pixey.org pxlmo.com gram.social"},
    {"misskey", social, "misskey.io misskey.design calckey.social firefish.social"},

    // AI assistants -------------------------------------------------------------------------
    {"chatgpt", ai, "chatgpt.com chat.openai.com labs.openai.com chat.com 6448311069"},
    {"claude", ai, "claude.ai claude.com"},
    {"gemini", ai, "gemini.google.com gemini.google bard.google.com aistudio.google.com"},
    {"notebooklm", ai, "notebooklm.google.com notebooklm.google"},
    {"copilot", ai, "copilot.microsoft.com copilot.cloud.microsoft m365.cloud.microsoft"},
    {"copilot", ai, "copilot.com m365copilot.com edgeservices.bing.com sydney.bing.com"},
    {"grok", ai, "grok.com x.ai"},
    {"mistral", ai, "mistral.ai"},
    {"qwen", ai, "chat.qwen.ai chat.qwenlm.ai qwen.ai tongyi.aliyun.com tongyi.com"},
    {"kimi", ai, "kimi.com kimi.ai kimi.moonshot.ai kimi.moonshot.cn"},
    {"ernie", ai, "yiyan.baidu.com ernie.baidu.com chat.baidu.com ai.baidu.com"},
    {"chatplus", ai, "chat-gpt.org chatplus.com"},
    {"duck.ai", ai, "duck.ai"},
    {"jasper", ai, "app.jasper.ai"},
    {"writesonic", ai, "app.writesonic.com chat.writesonic.com chatsonic.com"},
    {"character_ai", ai, "character.ai"},
    {"meta_ai", ai, "meta.ai"},
    {"pi", ai, "pi.ai heypi.com"},
    {"yuanbao", ai, "yuanbao.tencent.com"},
    {"hunyuan", ai, "hunyuan.tencent.com"},
    {"lumo", ai, "lumo.proton.me"},
    {"venice", ai, "venice.ai"},
    {"chatglm", ai, "chatglm.cn z.ai"},
    {"alice", ai, "alice.yandex.ru"},
    {"gigachat", ai, "giga.chat giga.sber.ru gigachat.sber.ru"},
    {"lmarena", ai, "lmarena.ai lmarena.com chat.lmsys.org"},
    {"t3.chat", ai, "t3.chat"},
    {"amazon_nova", ai, "nova.amazon.com"},
    {"perplexity", ai, "perplexity.ai perplexity.com pplx.ai"},
    {"xinghuo", ai, "xinghuo.xfyun.cn"},
    {"", ai,
     "andisearch.com assistant.kagi.com blackbox.ai chat.deepseek.com chat.groq.com "
     "chat.minimax.io cici.com consensus.app coral.cohere.com coze.com deepai.org deepseek.com "
     "dola.com doubao.com elicit.com exa.ai felo.ai genspark.ai hailuo.ai iask.ai komo.ai "
     "liner.com luzia.com manus.im metaso.cn monica.im openevidence.com openrouter.ai phind.com "
     "poe.com scira.ai sora.com stepfun.com tiangong.cn wrtn.ai you.com"},

    // Webmail -------------------------------------------------------------------------------
    {"email", email, "422689480 951937596"},
    {"email", email,
     "3c-bap.gmx.net 3c-bap.web.de 3c.gmx.com 3c.gmx.net 3c.web.de app.hey.com app.missiveapp.com "
     "app.titan.email app.tuta.com bap.navigator.gmx.net connect.xfinity.com deref-1und1-02.de "
     "deref-1und1.de deref-gmx.com deref-gmx.net deref-mail.com deref-web-02.de deref-web.de "
     "e.mail.ru email.comcast.net email.cz email.ionos.com email.ionos.de email.secureserver.net "
     "email.seznam.cz email.t-online.de exmail.qq.com fastmail.com freemail.hu gmail.com "
     "hotmail.com hushmail.com inbox.google.com laposte.net lightmailer.gmx.net m.mail.ru "
     "mail.126.com mail.139.com mail.163.com mail.189.cn mail.1und1.de mail.abv.bg mail.aliyun.com "
     "mail.bluewin.ch mail.bol.uol.com.br mail.centrum.cz mail.com mail.comcast.net mail.cox.net "
     "mail.daum.net mail.freenet.de mail.goo.ne.jp mail.google.com mail.hostinger.com mail.i.ua "
     "mail.icloud.com mail.infomaniak.com mail.ionos.com mail.ionos.de mail.kakao.com "
     "mail.libero.it mail.live.com mail.meta.ua mail.nate.com mail.naver.com mail.orange.fr "
     "mail.proton.me mail.qq.com mail.rambler.ru mail.rediff.com mail.sina.cn mail.sina.com.cn "
     "mail.sohu.com mail.startmail.com mail.superhuman.com mail.telekom.de mail.terra.com.br "
     "mail.tiscali.it mail.tutanota.com mail.ukr.net mail.uol.com.br mail.virgilio.it "
     "mail.walla.co.il mail.yandex.ru mail.yeah.net mail.zoho.com mail.zoho.com.au mail.zoho.eu "
     "mail.zoho.in mail.zoho.jp mail01.orange.fr mail1.libero.it mail1.virgilio.it mailbox.org "
     "mailfence.com messagerie.orange.fr messagerie.sfr.fr navigator.gmx.com navigator.gmx.net "
     "navigator.web.de octavius.mail.ru outlook.cloud.microsoft outlook.com outlook.live.com "
     "outlook.office.com outlook.office365.com poczta.interia.pl poczta.o2.pl poczta.onet.pl "
     "poczta.wp.pl posteo.de privateemail.com protonmail.com rediffmail.com runbox.com "
     "touch.mail.ru webmail.earthlink.net webmail.free.fr webmail.gmx.net zimbra.free.fr"},

    // Search engines ------------------------------------------------------------------------
    // Countries of Google, Bing, Yandex and the like are in `brands` below.
    {"google", search,
     "google.interia.pl googlesyndicatedsearch.com startgoogle.startpagina.nl "
     "syndicatedsearch.goog webcache.googleusercontent.com lens.google search.app 284815942"},
    {"bing", search, "cc.bingj.com msnbc.msn.com search.msn.com search.live.com"},
    {"", search, "bat.bing.com", scope::none},  // counts conversions
    {"bing", search, "dizionario.it.msn.com enciclopedia.it.msn.com"},
    {"msn", search, "msn.com msn.it msn.co.jp", scope::portal},
    {"yahoo", search, "cade.yahoo.com one.cn.yahoo.com"},
    {"yandex", search, "ya.ru"},
    {"duckduckgo", search,
     "ddg.gg duck.com duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"},
    {"startpage", search, "startpagel6srwcjlue4zgq3zevrujfaow726kjytqbbjyrswwmjzcqd.onion"},
    {"ask", search, "ask.com ask.co.uk ask.jp ask.reference.com askkids.com qbyrd.com"},
    {"ask", search, "search-results.com searchqu.com"},
    {"aol", search, "aolsearch.com aolsvc.de search-intl.netscape.com search.netscape.com"},
    {"baidu", search, "baidu.com baidu.co.th baidu.jp"},
    {"", search,
     "baike.baidu.com cloud.baidu.com fanyi.baidu.com map.baidu.com pan.baidu.com "
     "passport.baidu.com",
     scope::none},
    {"360", search, "so.360.cn so.com sou.com haosou.com"},
    {"sogou", search, "sogou.com soso.com"},
    {"toutiao", search, "so.toutiao.com"},
    {"shenma", search, "sm.cn quark.cn"},
    {"infospace", search, "infospace.com inspsearch.com metacrawler.com dogpile.com webfetch.com"},
    {"infospace", search, "searchya.com tattoodle.com searchmobileonline.com"},
    {"mywebsearch", search, "mysearch.com mysearch.myway.com search.myway.com mywebsearch.com"},
    {"metager", search, "metager.de metager.org metager2.de meta.rrzn.uni-hannover.de"},
    {"orange", search, "lemoteur.orange.fr lemoteur.ke.voila.fr busca.orange.es"},
    {"voila", search, "lemoteur.fr search.ke.voila.fr"},
    {"la_toile", search, "toile.com"},
    {"mailru", search, "go.mail.ru"},
    {"rambler", search, "nova.rambler.ru search.rambler.ru"},
    {"goo", search, "search.goo.ne.jp ocnsearch.goo.ne.jp"},
    {"free", search, "search.free.fr search1-1.free.fr search1-2.free.fr"},
    {"nifty", search, "search.nifty.com videosearch.nifty.com search.azby.fmworld.net"},
    {"forestle", search, "forestle.org forestle.mobi"},
    {"virgilio", search, "mobile.virgilio.it"},
    {"naver", search, "search.naver.com"},
    {"", search, "smartstore.naver.com nid.naver.com", scope::none},
    {"daum", search, "search.daum.net"},
    {"ecosia", search, "ecosia.org"},
    {"walhello", search, "walhello.info"},
    {"coccoc", search, "coccoc.com"},
    {"seznam", search, "search.seznam.cz videa.seznam.cz"},
    {"", search, "login.seznam.cz blog.seznam.cz", scope::none},
    {"brave", search, "search.brave.com"},
    {"gigablast", search, "gigablast.com"},
    {"petal", search, "petalsearch.com"},
    {"youdao", search, "youdao.com"},
    {"=", search, "1.cz eo.st lo.st search.ch search.com sm.de suche.info url.org"},
    {"=", search, "all.by info.com online.no web.nl", scope::home},
    {"", search,
     "118700.se 123people.com 1881.no abcsok.no acoon.de allaverksamheter.se alltheinternet.com "
     "alltheweb.com alohafind.com alot.com apollo7.de arama.com ariadna.elmundo.es "
     "arianna.libero.it austronaut.at babylon.com benefind.de blekko.com blogdigger.com "
     "blogpulse.com blogs.icerocket.com boardreader.com busca.uol.com.br cercato.it "
     "cgi2.nintendo.co.jp chercherfr.aguea.com claro-search.com clusty.com crawler.com cuil.com "
     "daemon-search.com darkoogle.com dasoertliche.de dastelefonbuch.de delta-search.com dir.com "
     "dmoz-odp.org dmoz.org dogpile.co.uk egerin.com ekoru.org entireweb.com epicsearch.in "
     "eurip.com euroseek.com everyclick.com exactseek.com excite.com fastbrowsersearch.com "
     "find.tdc.dk findhurtig.dk findx.com firstsfind.com fixsuche.de flix.de foxstart.com "
     "freespoke.com gais.cs.ccu.edu.tw geona.net gexsi.com gfsoso.com gibiru.com givero.com "
     "gnadenmeer.de gomeo.com goodsearch.com gooofullsearch.com gougou.com goyellow.de "
     "hit-parade.com holmes.ge home.kingsoft.jp home.speedbit.com hooseek.com icerocket.com "
     "ilse.nl isearch.avg.com isearch.babylon.com isearch.glarysoft.com isodelen.se it.luna.tv "
     "iwon.com jp.hao123.com jungle-spider.de juniorsafesearch.com jwsearch.jword.jp "
     "jyxo.1188.cz k9safesearch.com kadaza.com kagi.com karmasearch.org kensaq.com kiddle.co "
     "kidrex.org kvasir.no kwzf.net laban.vn latne.lv leit.is lilo.org localmoxie.com "
     "lookany.com looksmart.com luxxle.com marginalia-search.com marginalia.nu "
     "monstercrawler.com monumentbrowser.com morfeo.centrum.cz mwmbl.org myprivatesearch.com "
     "najdi.si neeva.com netlavis.azione.jp nigma.ru oceanhero.today only-search.com oscobo.com "
     "otsing.delfi.ee p.zhongsou.com paperball.de peekier.com peoplecheck.de pesquisa.clix.pt "
     "pesquisa.sapo.pt picsearch.com plazoo.com plusnetwork.com pogodak.com pogodak.hr poisk.ru "
     "presearch.com presearch.org privacywall.org quendu.com recherche.francite.com "
     "rechercher.aliceadsl.fr refseek.com riksdelen.se rollyo.com rpmfind.net runnaroo.com "
     "safesearch.avira.com scour.com search.1und1.de search.abv.bg search.auone.jp "
     "search.avast.com search.avg.com search.avira.com search.avira.net search.b1.org "
     "search.biglobe.ne.jp search.bigmir.net search.bluewin.ch search.bt.com search.centrum.cz "
     "search.chatzum.com search.chedot.com search.comcast.net "
     "search.conduit.com search.disconnect.me search.dolphin-browser.jp search.earthlink.net "
     "search.f-secure.com search.fbdownloader.com search.fooooo.com search.foxtab.com "
     "search.freecause.com search.frontier.com search.genieo.com search.gmx.com "
     "search.handycafe.com search.hiyo.com search.imesh.com search.iminent.com "
     "search.incredibar.com search.incredimail.com search.juno.com search.kiwee.com "
     "search.leonardo.it search.lookseek.com search.magentic.com search.marginalia.nu "
     "search.nan.so search.nate.com search.need2find.com search.netzero.net search.offerbox.com "
     "search.peoplepc.com search.qip.ru search.rr.com search.searchcompletion.com "
     "search.seesaa.jp search.smartaddressbar.com search.smartshopping.com "
     "search.smt.docomo.ne.jp search.snap.do search.softonic.com search.sweetim.com "
     "search.toolbarhome.com search.trustnav.com search.tut.by search.ukr.net search.v9.com "
     "search.vindex.nl search.walla.co.il search.webssearches.com search.winamp.com "
     "search.www.ee search.xfinity.com search.yam.com search.yippy.com search.zonealarm.com "
     "search.zum.com search1.incredimail.com search2.incredimail.com search3.incredimail.com "
     "search4.incredimail.com searchalot.com searchassist.babylon.com searchatlas.centrum.cz "
     "searchcanvas.com searchencrypt.com searches.f-secure.com searches.safehomepage.com "
     "searches.vi-view.com searches3.globososo.com searchlock.com searchresults.verizon.com "
     "searchscene.com searchservice.myspace.com searchy.co.uk searx.be searx.me sharelook.fr "
     "sm.aport.ru smart.delfi.lv sputnik.ru start.facemoods.com start.funmoods.com "
     "start.iplay.com start.lenovo.com startab.me stract.com suche.1und1.de suche.freenet.de "
     "suche.gmx.net suchmaschine.com suchnase.de supereva.it surfcanyon.com "
     "swiggle.org.uk swisscows.ch swisscows.com szukaj.onet.pl szukaj.wp.pl talimba.com "
     "tarmot.com technorati.com teoma.com tixuma.de toolbarhome.com toppreise.ch torry.io "
     "trouvez.com trovarapido.com trusted-search.com tusksearch.com twingly.com "
     "video.so-net.ne.jp vinden.nl vindex.nl vuhuv.com vuhuv.com.tr web.canoe.ca web.volny.cz "
     "webcrawler.com websearch.com websearch.cs.com websearch.rakuten.co.jp wedoo.com wiby.me "
     "witch.de woopie.jp wow.com x-recherche.com yellowmap.de yep.com yioop.com yippy.com "
     "yongzin.com yougoo.fr ys.mirostart.com zhongsou.com zoek.nl zoeken.nl zoohoo.cz zxuso.com"},

    // Internet providers and portals: their search pages only -----------------------------
    {"", search,
     "aliceadsl.fr auone.jp biglobe.ne.jp bluewin.ch centrum.cz comcast.net delfi.ee delfi.lt "
     "delfi.lv freenet.de gmx.at gmx.ch gmx.com gmx.net interia.pl libero.it lycos.jp "
     "netzero.net o2.pl onet.pl orange.es orange.fr rambler.ru sapo.pt sfr.fr terra.cl terra.com "
     "terra.com.ar terra.com.br terra.com.mx terra.es tiscali.co.uk tiscali.cz tiscali.it "
     "uol.com.br verizon.net virgilio.it voila.fr walla.co.il web.de wp.pl",
     scope::portal},
    {"t-online", search, "t-online.de", scope::portal},
    {"t-online", search, "brisbane.t-online.de navigationshilfe.t-online.de"},
    {"", search,
     "alexa.com apollo.lv arcor.de arianna.com charter.net eniro.se fastweb.it "
     "gulesider.no highbeam.com icq.com inbox.com kataweb.it liveinternet.ru maailm.com "
     "meinestadt.de meta.ua naver.com neti.ee optuszoo.com.au seznam.cz skynet.be "
     "so-net.ne.jp startsiden.no talktalk.co.uk weborama.fr zoznam.sk",
     scope::home},
};

// Names that a company registers under the suffix of every country, such as google.co.uk.
// A label of the subdomain must be one of `subdomains` (or begin with "www") when that is given.
struct brand {
  std::string_view label;
  std::string_view name;
  host_kind kind;
  scope applies = scope::all;
  std::string_view subdomains = {};
};

inline constexpr std::string_view google_pages =
    "amp blogsearch books cse discover encrypted finance go id image images ipv6 lens local m maps"
    " mobile news patents scholar search shopping translate video videos";
inline constexpr std::string_view yandex_pages = "clck images m maps news search video yabs";

inline constexpr brand brands[] = {
    {"123people", "123people", search},
    {"abacho", "abacho", search},
    {"allesklar", "allesklar", search},
    {"altavista", "altavista", search},
    {"aol", "aol", search, scope::home},
    {"bing", "bing", search},
    {"duckduckgo", "duckduckgo", search},
    {"ecosia", "ecosia", search},
    {"exalead", "exalead", search},
    {"excite", "excite", search},
    {"fireball", "fireball", search},
    {"gogole", "google", search},
    {"googel", "google", search},
    {"google", "google", search, scope::all, google_pages},
    {"gppgle", "google", search},
    {"hotbot", "hotbot", search},
    {"ixquick", "ixquick", search},
    {"junglekey", "junglekey", search},
    {"lastfm", "last.fm", social},
    {"lycos", "lycos", search},
    {"mamma", "mamma", search},
    {"metacrawler", "metacrawler", search},
    {"mister-wong", "mister-wong", search},
    {"mojeek", "mojeek", search},
    {"mozbot", "mozbot", search},
    {"pinterest", "pinterest", social},
    {"qualigo", "qualigo", search},
    {"qwant", "qwant", search},
    {"setooz", "setooz", search},
    {"startpage", "startpage", search},
    {"walhello", "walhello", search},
    {"wwwgoogle", "google", search},
    {"yahoo", "yahoo", search, scope::home},
    {"yandex", "yandex", search, scope::all, yandex_pages},
    {"yasni", "yasni", search},
    {"yatedo", "yatedo", search},
    {"zapmeta", "zapmeta", search},
    {"zapmetasearch", "zapmeta", search},
};

// Words that mark the search service of a portal, inside a label: "aolsuche", "ricercanews".
inline constexpr std::string_view search_words[] = {
    "search", "such", "recherche", "ricerca", "busca",  "busque",   "busqueda", "pesquisa",
    "images", "find", "zoek",      "szukaj",  "hledan", "lemoteur", "poisk",
};

// Software of the Fediverse: a label of the host that is one of these tells what runs there.
inline constexpr known_host fediverse_labels[] = {
    {"lemmy", social},    {"mastodon", social}, {"mstdn", social},     {"peertube", social},
    {"pixelfed", social}, {"misskey", social},  {"friendica", social}, {"kbin", social},
    {"piefed", social},   {"pleroma", social},
};

}  // namespace millimetric::event::host_facts
