// SPDX-License-Identifier: Apache-2.0
// For tests: answers every call with another contract's code on storage of its own, so its logs come from an address
// that nobody listed although its code is the real token's.
pragma solidity ^0.8.20;

contract ProxyToken {
    address private immutable target;

    constructor(address target_, bytes memory setUp) {
        target = target_;
        if (setUp.length > 0) {
            (bool done, ) = target_.delegatecall(setUp);
            require(done, "set-up failed");
        }
    }

    fallback() external payable {
        address to = target;
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch done
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }

    receive() external payable {}
}
