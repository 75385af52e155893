# Makes dist\algovera-desktop-VERSION-setup.exe of the bundle in dist\algovera-desktop.
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..\..')

$version = (Select-String -Path algovera_desktop\__init__.py -Pattern '__version__ = "(.+)"').Matches[0].Groups[1].Value
$compiler = "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe"
if (-not (Test-Path $compiler)) { choco install innosetup --yes --no-progress }
& $compiler "/DVersion=$version" packaging\windows\algovera-desktop.iss
if ($LASTEXITCODE) { throw 'Inno Setup could not make the installer.' }
