// SPDX-License-Identifier: Apache-2.0
// For tests: pays many from the tokens it holds, in one transaction; honestly, with a revert at the end, or with one
// inner payment that reverts and is caught. Only what the receipt's logs say has happened.
pragma solidity ^0.8.20;

contract Multisend {
    error Changed();

    /// Calls by hand, because some tokens return nothing.
    function _pay(address token, address to, uint256 value) private {
        (bool done, bytes memory answer) = token.call(abi.encodeWithSignature("transfer(address,uint256)", to, value));
        require(done && (answer.length == 0 || abi.decode(answer, (bool))), "transfer failed");
    }

    function pay(address token, address[] calldata to, uint256[] calldata values) public {
        for (uint256 i = 0; i < to.length; i++) _pay(token, to[i], values[i]);
    }

    /// Collects from the caller's allowance first.
    function collectAndPay(address token, address[] calldata to, uint256[] calldata values) external {
        for (uint256 i = 0; i < to.length; i++) {
            (bool done, ) = token.call(
                abi.encodeWithSignature("transferFrom(address,address,uint256)", msg.sender, to[i], values[i])
            );
            require(done, "transferFrom failed");
        }
    }

    function payThenRevert(address token, address[] calldata to, uint256[] calldata values) external {
        pay(token, to, values);
        revert Changed();
    }

    /// Pays all but number `failing`, whose payment is made and then undone by an inner revert.
    function payWithCaughtRevert(address token, address[] calldata to, uint256[] calldata values, uint256 failing) external {
        for (uint256 i = 0; i < to.length; i++) {
            if (i != failing) _pay(token, to[i], values[i]);
            else try this.payOneAndRevert(token, to[i], values[i]) {} catch {}
        }
    }

    function payOneAndRevert(address token, address to, uint256 value) external {
        _pay(token, to, value);
        revert Changed();
    }
}
