package address

// mailDomains are the mail domains that many people have, the most used first: a slip is mended to the first of the
// nearest. Read only.
var mailDomains = []string{
	"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "live.com", "msn.com",
	"googlemail.com", "protonmail.com", "proton.me", "comcast.net", "verizon.net", "sbcglobal.net", "bellsouth.net",
	"yahoo.co.uk", "hotmail.co.uk", "btinternet.com", "yahoo.co.jp", "yahoo.co.in", "yahoo.com.br", "hotmail.fr",
	"hotmail.it", "hotmail.es", "hotmail.de", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es", "outlook.de",
	"outlook.fr", "outlook.es", "outlook.it", "orange.fr", "wanadoo.fr", "laposte.net", "t-online.de", "freenet.de",
	"posteo.de", "mailbox.org", "gmx.net", "gmx.com", "gmx.de", "gmx.at", "gmx.ch", "web.de", "bluewin.ch",
	"libero.it", "virgilio.it", "telenet.be", "skynet.be", "ziggo.nl", "seznam.cz", "centrum.cz", "onet.pl",
	"interia.pl", "naver.com", "hanmail.net", "daum.net", "qq.com", "163.com", "126.com", "yandex.ru", "yandex.com",
	"rediffmail.com", "bigpond.com", "optusnet.com.au", "rogers.com", "sympatico.ca", "rocketmail.com", "fastmail.com",
	"shaw.ca", "telus.net", "terra.com.br", "uol.com.br", "bol.com.br", "zoho.com", "tutanota.com",
}

// alsoRight are domains that stand near a well-known one and are right as they are: they never get a suggestion, and
// none is mended to them. Read only.
var alsoRight = []string{
	"mail.com", "email.com", "ymail.com", "me.com", "mac.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "ya.ru",
	"cloud.com", "hey.com", "pm.me", "duck.com", "lycos.com", "tuta.com", "tuta.io", "zoho.eu", "zoho.in", "live.co.uk",
	"live.ca", "live.de", "live.fr", "live.it", "live.nl", "live.se", "live.be", "live.com.au", "live.com.mx",
	"gmx.eu", "gmx.us", "gmx.fr", "gmx.li", "gmx.info", "gmx.biz", "aol.de", "aol.fr", "aol.co.uk", "t-online.com",
	"yahoo.ca", "yahoo.in", "yahoo.gr", "yahoo.ie", "yahoo.pl", "yahoo.ro", "yahoo.se", "yahoo.dk", "yahoo.no",
	"yahoo.com.au", "yahoo.com.mx", "yahoo.com.ar", "yahoo.com.sg", "yahoo.com.hk", "yahoo.com.tw", "yahoo.com.ph",
	"yahoo.com.vn", "yahoo.com.my", "yahoo.com.tr", "yahoo.com.co", "yahoo.co.id", "yahoo.co.kr", "yahoo.co.nz",
	"yahoo.co.th", "yahoo.co.za", "hotmail.ca", "hotmail.nl", "hotmail.be", "hotmail.se", "hotmail.no", "hotmail.dk",
	"hotmail.ch", "hotmail.gr", "hotmail.com.br", "hotmail.com.ar", "hotmail.com.au", "hotmail.com.tr", "hotmail.co.jp",
	"hotmail.co.nz", "hotmail.co.za", "outlook.at", "outlook.be", "outlook.cl", "outlook.cz", "outlook.dk",
	"outlook.ie", "outlook.in", "outlook.jp", "outlook.kr", "outlook.ph", "outlook.pt", "outlook.sa", "outlook.sg",
	"outlook.com.ar", "outlook.com.au", "outlook.com.br", "outlook.com.gr", "outlook.com.tr", "outlook.co.id",
	"outlook.co.nz", "outlook.co.th", "yandex.by", "yandex.kz", "yandex.ua", "fastmail.fm", "sina.com", "sohu.com",
	"mailbox.com", "proton.com", "ziggo.com", "orange.com", "rogers.ca", "comcast.com", "verizon.com",
}
