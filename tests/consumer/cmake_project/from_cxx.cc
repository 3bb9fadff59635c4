// The generated header and the runtime's are C++ too.
#include <cstdio>
#include <vector>

#include "first.h"

int main()
{
    First_weights weights;
    mdl_registry *registry = First_instantiate(&weights);
    if (!registry) return 1;
    std::vector<unsigned char> workspace(First_workspace_size(3) + 1);
    std::printf("%d variables, %llu parameters\n", static_cast<int>(mdl_registry_count(registry)),
                static_cast<unsigned long long>(First_PARAMETERS));
    mdl_registry_free(registry);
}
