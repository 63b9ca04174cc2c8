module amx.dev/kubectl-amx-launcher

go 1.24
