# Makes dist\algovera-desktop-VERSION-setup.exe of the bundle in dist\algovera-desktop.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..\..')

$version = (Select-String -Path algovera_desktop\__init__.py -Pattern '__version__ = "(.+)"').Matches[0].Groups[1].Value
& build\environment\Scripts\python.exe packaging\icons.py build\package\icons
if ($LASTEXITCODE) { throw 'The icons could not be made.' }

$compiler = "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe"
if (-not (Test-Path $compiler)) { choco install innosetup --yes --no-progress }
& $compiler "/DVersion=$version" packaging\windows\algovera-desktop.iss
if ($LASTEXITCODE) { throw 'Inno Setup could not make the installer.' }
