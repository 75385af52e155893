; Inno Setup 6: the installer for Windows, for the person who starts it alone. No administrator.
; ISCC /DVersion=1.2.3 packaging\windows\algovera-desktop.iss
;
; Removing the program leaves pictures, library, settings and keys: they lie in the person's own
; folders, which nothing here names.

#ifndef Version
  #error "Say /DVersion=1.2.3"
#endif
#define Name "Algovera Desktop"
#define Program "algovera-desktop.exe"
#define Bundle "..\..\dist\algovera-desktop"

[Setup]
; Never changed: by it a later version finds and replaces this one.
AppId={{7C0B6E0E-52C8-4E0A-9C6D-5C1A1B1D9A64}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher=The Algovera Desktop maintainers
VersionInfoVersion={#Version}
DefaultDirName={localappdata}\Programs\{#Name}
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
SetupIconFile=..\..\build\package\icons\algovera-desktop.ico
UninstallDisplayIcon={app}\{#Program}
OutputDir=..\..\dist
OutputBaseFilename=algovera-desktop-{#Version}-setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
; The program and its server hold this while they run. Whoever installs over them, or removes them,
; is asked to close them first: their files cannot be replaced until then.
AppMutex=org.algovera.Desktop
RestartApplications=no
ChangesAssociations=yes

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked

[InstallDelete]
; Of the version before nothing may stay that this one does not have.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\{#Program}"; AppUserModelID: "org.algovera.Desktop"
Name: "{userdesktop}\{#Name}"; Filename: "{app}\{#Program}"; AppUserModelID: "org.algovera.Desktop"; Tasks: desktopicon

[Registry]
; Offered under "Open with" for pictures; what opens them by a double click stays as it is.
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Name}"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKCU; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""
Root: HKCU; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\{#Program}"; ValueType: string; ValueData: "{app}\{#Program}"; Flags: uninsdeletekey

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent
