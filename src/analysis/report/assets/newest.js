addEventListener("load",()=>{const told=document.querySelector(".newest");told.insertAdjacentHTML("afterend",told.textContent)})
