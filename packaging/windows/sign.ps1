# Signs files with the certificate in $env:CERTIFICATE (a PFX file as base64), with a time stamp.
param([Parameter(Mandatory)] [string[]] $Files)
$ErrorActionPreference = 'Stop'

$certificate = Join-Path ([IO.Path]::GetTempPath()) "$([Guid]::NewGuid()).pfx"
[IO.File]::WriteAllBytes($certificate, [Convert]::FromBase64String($env:CERTIFICATE))
try {
    $tools = Get-ChildItem "${env:ProgramFiles(x86)}\Windows Kits\10\bin\*\x64\signtool.exe"
    $signtool = ($tools | Sort-Object FullName | Select-Object -Last 1).FullName
    # signtool takes the password as an argument only, so it is put into the store first.
    $password = ConvertTo-SecureString $env:CERTIFICATE_PASSWORD -AsPlainText -Force
    $kept = Import-PfxCertificate -FilePath $certificate -CertStoreLocation Cert:\CurrentUser\My -Password $password
    & $signtool sign /fd SHA256 /sha1 $kept.Thumbprint /tr http://timestamp.digicert.com /td SHA256 $Files
    if ($LASTEXITCODE) { throw 'The files could not be signed.' }
}
finally {
    Remove-Item $certificate -Force
}
