def test_a(standing):
    v = standing.visitor("office")
    for p in ("/", "/buero/", "/konto/", "/veranstaltungen/offen/", "/readyz", "/demo/postausgang/"):
        print(p, v.get(p).status)
    print(standing.world)

def test_b(house):
    v = house.visitor("participant")
    print(v.send("/konto/abmelden/").status, v.get("/konto/").status)
def test_c(house):
    v = house.visitor("participant")
    print(v.get("/konto/").status)
