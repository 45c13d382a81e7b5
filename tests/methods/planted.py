"""Personal data and secrets to plant, made up for these tests, and what only looks like them."""

from __future__ import annotations

import random
import string

CHANCE = random.Random(4)
ALPHANUMERIC = string.ascii_letters + string.digits


def _luhn(prefix, length):
    digits = [int(c) for c in prefix] + [
        CHANCE.randrange(10) for _ in range(length - len(prefix) - 1)
    ]
    doubled = [d * 2 - 9 * (d > 4) if i % 2 == 0 else d for i, d in enumerate(reversed(digits))]
    return "".join(map(str, digits)) + str(-sum(doubled) % 10)


def _iban(country, bank):
    number = "".join(str(int(c, 36)) for c in f"{bank}{country}00")
    return f"{country}{98 - int(number) % 97:02d}{bank}"


def _spaced(written, size=4):
    return " ".join(written[i : i + size] for i in range(0, len(written), size))


def _run(length, of=ALPHANUMERIC):
    return "".join(CHANCE.choice(of) for _ in range(length))


PERSONAL = {
    "email": [
        *("anna.berg@northgatelaw.com", "j.o'neil@dublin-legal.ie", "MAX_MUELLER@t-online.de"),
        *("li.wei+work@tsinghua.edu.cn", "x@kth.se", "first.last@sub.company.co.uk"),
        *("büro@kanzlei-schön.de", "sales@firm.museum", "info@sushi.co.jp", "o_brien@gmail.com"),
        *("anna.berg(at)northgatelaw.com", "anna.berg@northgatelaw,com"),
    ],
    "phone": [
        *("+49 30 9018200", "+44 20 7946 0018", "+1 212-736-5000", "+33 1 42 68 53 00"),
        *("(212) 736-5000", "212-736-5000", "650.568.6000", "1-800-466-4411", "+972 8 932 4010"),
        *("tel. 030 9018200", "Phone: 020 7925 0918", "call me at 01 42 68 53 00"),
        *("+4930-9018200", "+81 93 645 8949", "0171 2345678", "2127365000"),
    ],
    "card": [
        *("4111 1111 1111 1111", _luhn("4539", 16), _spaced(_luhn("5425", 16))),
        *("-".join(_spaced(_luhn("6011", 16)).split()), _luhn("378282", 15), _luhn("3530", 16)),
        *(_spaced(_luhn("4000", 16)), _luhn("5105", 16), _luhn("2221", 16)),
    ],
    "iban": [
        *("DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19"),
        *(_iban("FR", "20041010050500013M02606"), _spaced(_iban("NL", "ABNA0417164300"))),
        *(_iban("ES", "21000418450200051332"), _iban("CH", "00762011623852957")),
        "de89370400440532013000",
    ],
    "ssn": ["536-22-8726", "219 09 9998", "457.55.5462", "536228726"],
    "ip": ["8.8.4.4", "91.198.174.192", "2a00:1450:4001:81b::200e"],
}

NOT_PERSONAL = [
    *("user@example.com", "git@github.com:acme/tool.git", "no-reply@shop.com", "@pytest.fixture"),
    *(
        "order 4111 1111 1111 1112",
        "2026-11-28 09:15:00",
        "ISBN 978-3-16-148410-0",
        "version 10.2.3.4",
    ),
    *(
        "pi is 3.14159265358979",
        "1,000,000,000 rows",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    ),
    *("410 U.S. 113, 93 S. Ct. 705", "No. 19-cv-01234-ABC", "$ 12,345,678.90", "127.0.0.1:8000"),
    *(
        "10.0.0.12",
        "case 2019-0045678",
        "lines 1200-1350 of 14000",
        "0x7fff5fbff8c8",
        "id 12345678901",
    ),
    *(
        "1999/2000 and 2000/2001",
        "@@ -1203,17 +1203,18 @@",
        "GB00 NWBK 6016 1331 9268 19",
        "000-00-0000",
    ),
    *(
        "1234567890",
        "[0.1234567, 0.7654321]",
        "192.168.178.1",
        "user@localhost",
        "2^31 - 1 = 2147483647",
    ),
]

SECRETS = {
    "AWS key": [f'aws_id = "AKIA{_run(16, string.ascii_uppercase + string.digits)}"'] * 1,
    "AWS secret": [f'aws_secret_key = "{_run(40)}"'],
    "GitHub token": [f"token: ghp_{_run(36)}", f"url = https://ghp_{_run(36)}@github.com/a/b"],
    "GitLab token": [f"GITLAB={'glpat'}-{_run(20)}"],
    "Slack": [
        f'slack("xoxb-{_run(11, string.digits)}-{_run(11, string.digits)}-{_run(24)}")'.lower()
    ],
    "Stripe": [f'stripe.api_key = "sk_live_{_run(24)}"'],
    "private key": ["-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----"],
    "JWT": [f"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{_run(43)}"],
    "basic auth": ["postgres://admin:hunter42secret@db.internal:5432/app"],
    "password": [
        *(
            'password = "correct-horse-9"',
            "DB_PASSWORD: 'S3cure!pass'",
            'secret_key = "k8Jd93ls0aQ"',
        ),
        *('config["api_key"] = "9a8b7c6d5e"', "PASSWORD=hunter2hunter2"),
    ],
    "random string": [f'SIGNING = "{_run(44)}"', f"const salt = '{_run(32)}'"],
    "random digits": [f'auth_hash = "{_run(40, string.hexdigits.lower())}"'],
    "npm, SendGrid": [
        f"//packages.example.org/:_authToken=npm_{_run(36)}",
        f'"SG.{_run(22)}.{_run(43)}"',
    ],
    "in words": ["the admin password is Tr0ub4dor&3", "log in with root and then toor1234"],
}

NOT_SECRET = [
    *(
        'password = os.environ["DB_PASSWORD"]',
        'token = "<your token here>"',
        "api_key = get_key(name)",
    ),
    *(
        'password = "${PASSWORD}"',
        "self.password = password",
        'id = "550e8400-e29b-41d4-a716-446655440000"',
    ),
    *(
        'digest = "d41d8cd98f00b204e9800998ecf8427e"',
        "index 83db48f..bf269f4 100644",
        "import secrets",
    ),
    *('ALPHABET = "abcdefghijklmnopqrstuvwxyz"', "def authenticate(user, password):", "key = 1"),
    *(
        '"tests/functional/u/use/used_before_assignment_issue"',
        "The key point is that the token counts.",
    ),
    *(
        'assert password == ""',
        "if token is None:",
        'description = "A short sentence about secrets."',
    ),
]
