"""Writes the characters of the bundled seal font, one `U+XXXX` a line, to standard output.

Usage: characters.py Unihan_OtherMappings.txt > characters.txt
(Unihan is in the Debian package `unicode-data`.)
"""

import re
import sys

# Characters people are called that neither GB 2312 nor the 2013 table has, and the traditional forms of
# surnames and name characters that registers of Hong Kong, Macao and Taiwan residents keep.
RARE = (
    "䶮㛃堃喆焜頔𬬭𫖯㐂㑇㑳㒓㓥㔉㘎㙊㙍㙘㙦㛚㛹㠇㠓㤘㥄㧐㧑㧟㩳㫰㬊㬎㬚㭎㭕㮾㰀㳇㳘㳚㴔㵐㶲㸆㸌㺄㻬㽏㿠䁖䂮䃅䃎䅟䌹䎃䎖䏝䏡䏲䐃䓖䓛䓨䓫䓬䗖䗛䗪䗴䜣䝙䢺䢼䣘䥽䦃䲟䲠䲢䴓䴔䴕䴖䴗䴘䴙䶮"
    "堃喆焜頔玥珺琞瑨璟璠璿瓅瓈瓛昇昺晛晞晢晳暐暒暤曌曦烜烺焯焱煊煐煜熲燊燚燿犇猋骉羴鱻毳淼垚鑫森矗磊叒叕嘦嫑孬巭"
    "陞堦峯峰昇甦甯頴頫頲顒顗顥靚靘靜韡韙韫馡馥騑騫驎麐麒仝伃佺侁俣倓倢倧偁偲傃傒僜儁儇凃劭勍勐卬厙吿呣哿啟喁喆喦嚞囍坴"
    "埈埕堉堺塱墉壎奀奷妏妘妡妤妧妺姁姈姍姕娍婕婞婧婼媃媄媞媖嫄嫤嬅嬣孖宓宬寀寗峣峤崧崯嵒嵘嶒嶸巖幵庥廸弢弨彣彧徸忞怹恆恒悳惇惪愃憓憙"
    "懋戭扆挘捃揵摛敉敔斳旂旻旼昐昕昪昫晅晉晟晧晪晫晭暁暘暠暸曈曉曜枬柈栐栢栻桄桭梣棽楎楠楨榤榮槙樆橒橚櫻歆毓汭沄沇沚沬泂泃泓泠洸浠浡浤"
    "涆涔涴淏淙淯渃渘渟湜湣湦湲溎溦溱溵滉滎滢漪漻潁潆潍潔澂澔澪濬瀅瀚灝炅炘炜炤炩炫烠烱煒煬熇熙熠燁燨爀爗爔爝牮犨玏玒玔玘玙玚玞玠玡玢玤玥玦玧玨玭玳玶玹玽珂"
    "珅珈珒珖珝珣珦珧珩珪珫珬珮珲珵珸珹珽琀琁琄琇琊琋琎琏琐琔琖琚琛琟琠琡琤琦琨琩琪琬琭琮琯琰琱琲琳琸瑀瑁瑃瑄瑅瑆瑈瑊瑍瑏瑑瑒瑓瑔瑗瑛瑜瑝瑞瑢瑧瑭瑮瑱瑳瑷瑸瑽瑾璁璂璄璆"
    "璇璈璉璋璎璐璕璘璜璞璣璥璦璧璨璩璪璬璮璯璱璲璵璸璺瓀瓏瓔瓖瓘瓚甄甡畇畯皊皎皓皙皛皜皞皥皦皨盷盺眈睆睍睎睿瞾矞砡硃硕碃碁碚碤碧磏磬礽祎祐祜祯祹禄禎禔禕禛禤禧禩秾"
    "稔穈穎竑竣竸笭笙筠箐箬篁篪簃籛粦糸紘紞絃絜絢綉綎綝綦綪緁緈緐緗縉縝縯繶纁纕翀翃翊翙翛翥翯翾聃聶肜胤脩臧臻芃芈芮芷苡茇茉茗茜茝茳茼荃荇荍荟莀莘莙莛菀菁菡菱萁萱萲葇葳蒨"
    "蓁蓂蓉蓥蔌蔚蕤蕙蕻薏薷藴蘅蘐蘘虓虔蜎蝾蟬衎衍袆裎裒襄觐訚訢訸詝詠詡詣詥詵誠誼諠諲謇謐譓譞讌诜诤诩谖谞豳贇赟赪軒輗輝轩轾辀辂辵迓迩逄逖逯遹邗邝邠邡邰邴郃郇郜郦郯郾鄀鄞鄠鄢鄩鄯鄱"
    "酆醴釉釗釔釤釺鈃鈊鈞鈺鈿鉅鉉鉦鉫鉷銓銘銥銮鋆鋐鋕鋥鋮鋹錀錂錕錞錡錤錥錦鍀鍇鍈鍠鍩鍶鎂鎏鎤鎧鎭鎰鏐鏸鏻鐄鐘鑀鑊鑠鑭鑰鑾"
    "閆閎閔閣閩閻闓阭陔陘陞陽隗隰雋雰雱霂霈霏霖霙霨霩霳靁靄靉靕靝靪鞮韋韓韞韜韶頊頎頡頤頵頻顏顓顧飏飖飛馗馮馴駃駉駿騂騊驁驄驍驥骎骐骕髙鬯魃鮀鮦鯤鳯鵬鶄鶱鸞麃麗麟黃黌黎黙黛黟黥齊龍龑龔龢"
    "張陳劉楊趙吳孫馬羅鄭謝許蕭馮鄧葉蘇呂蔣餘於韋譚鄒陸賀顧龔萬錢嚴湯賈鍾盧圖龍歐陽諸葛黃樑範蘭聞齊喬賴馮鮑費簡莊藍溫齊譚閻鄺鄔單應關麥衛畢聶豐駱龐勞祿連達遲鈕鈄闞叢婁寧邊曉儀偉傑"
    "傳備億優兒倫勝勳華協衆國園報壽夢實審寶導將岡島嶺幹庫廣廠廳從恆愛慶憲戰戲執擴揚換據擇擔損攝會東業極樂樓標機權歷歡歲殺氣漢漸潤澤濟濤灣燈營爾獎獻現環產電畫發監盤礦礎種積穩競築紅約級純紙細終組結給絡統經維網緣線編練縣總績織繼續罷義聯職聲肅脈脫興舊藝藥號術衆補裝製視覺親觀計訊記設評詞試話該詳認語說課調談請論證識議護讓負財責貨販貿資賓賣質購贈贏車軍軟輕載輪輸轉農週進運過達違遠適選還邁醫釋針鋼錄鍵鎮鏡鐵鑒長門開閉間關陣陰際隨險雙雜離難雲電靈靜韻響項順須預領頭題額願類飲飯飾餐館駐驗體高鬆魚鮮鳥鴻鹽點黨"
    "槼塚祇秖衹𠅤𡐓𣲘𣲗𤧛𤩽𦈡𦒍𦙶𧿹𨙸𨚕𨟠𨭉𨱇𨱏𨱑𨱔𨺙𩽾𩾃𩾌𪟝𪣻𪤗𪨰𪨶𪩘𪾢𫄧𫄨𫄷𫄸𫇭𫌀𫍙𫍟𫍢𫍣𫍯𫍰𫍲𫍽𫐄𫐐𫐓𫑡𫓧𫓯𫓶𫓹𫔍𫔎𫔶𫖮𫖳𫗧𫗴𫘜𫘝𫘦𫘧𫘨𫘪𫘬𫚕𫚖𫚭𫛚𫛭𫜔𫟄𫟅𫟆𫟇𫟈𫟑𫟗𫟦𫟭𫟲𫟹𫟼𫠆𫠈𫠊𫠜𫢸𫫇𫭟𫭢𫭼𫮃𫰛𫵷𫶇𫷷𫸩𬀩𬀪𬂩𬃊𬇕𬇙𬇹𬉼𬊈𬊤𬌗𬍛𬍡𬍤𬒈𬒔𬒗𬕂𬘓𬘘𬘡𬘩𬘫𬘬𬘭𬘯𬙂𬙊𬙋𬜬𬜯𬞟𬟁𬟽𬣙𬣞𬣡𬣳𬤇𬤊𬤝𬨂𬨎𬩽𬪩𬬩𬬭𬬮𬬱𬬸𬬹𬬻𬬿𬭁𬭎𬭚𬭛𬭤𬭩𬭬𬭭𬭯𬭳𬭶𬭸𬭼𬮱𬮿𬯀𬯎𬱖𬱟𬳵𬳶𬳽𬳿𬴂𬴃𬴊𬶋𬶍𬶏𬶐𬶟𬶠𬶨𬶭𬶮𬷕𬸘𬸚𬸣𬸦𬸪𬹼𬺈𬺓"
)
RANGES = [(0x20, 0x7E), (0xB7, 0xB7), (0x2010, 0x2027), (0x2022, 0x2022), (0x3000, 0x301F), (0xFF01, 0xFF5E), (0xFFE5, 0xFFE5), (0x2460, 0x2473)]


def gb2312():
    """Every character of GB 2312-1980."""
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield ord(bytes([high, low]).decode("gb2312"))
            except UnicodeDecodeError:
                pass


def table_of_2013(unihan):
    """The 8,105 characters of 通用规范汉字表 (2013), Unihan property kTGH."""
    for line in open(unihan, encoding="utf-8"):
        if match := re.match(r"U\+([0-9A-F]+)\tkTGH\t", line):
            yield int(match.group(1), 16)


def main():
    chosen = set(gb2312()) | set(table_of_2013(sys.argv[1])) | {ord(c) for c in RARE}
    for low, high in RANGES:
        chosen.update(range(low, high + 1))
    # Kana, Greek, Cyrillic and line drawing of GB 2312 have no place in a seal.
    chosen = {c for c in chosen if not (0x370 <= c < 0x530 or 0x2500 <= c < 0x2600 or 0x3041 <= c < 0x3130)}
    sys.stdout.writelines(f"U+{c:04X}\n" for c in sorted(chosen))


main()
